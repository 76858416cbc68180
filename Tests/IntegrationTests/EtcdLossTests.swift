import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// What befalls the etcd below real FEs.
    @Suite struct EtcdLossTests {
        @Test func withoutAQuorumReadsAreAnsweredAndChangesRefusedUntilItIsBack() throws {
            try ReplicatedCluster.run(members: 3, backends: 1) { cluster in
                let master = try cluster.master()
                #expect(try cluster.makeDatabase("before", at: master).isSuccess)
                try cluster.awaitReplayed(from: master)
                for member in 0..<2 { cluster.etcd.freeze(member) }
                for round in 0..<3 {
                    for frontend in cluster.frontends {
                        let began = Date()
                        let answer = try cluster.makeDatabase("m\(round)\(frontend.name)", at: frontend)
                        let taken = Date().timeIntervalSince(began)
                        let text = String(decoding: answer.body, as: UTF8.self)
                        #expect(!answer.isSuccess && text.contains("message"), "\(frontend.name): \(text)")
                        #expect(taken < 3, "\(frontend.name) took \(taken) s to say: \(text)")
                        #expect(try cluster.databases(at: frontend).contains("before"))
                    }
                }
                for frontend in cluster.frontends { #expect(frontend.isRunning) }
                for member in 0..<2 { cluster.etcd.thaw(member) }
                try eventually("changes again") {
                    try cluster.frontends.allSatisfy { try cluster.makeDatabase("after-\($0.name)", at: $0).isSuccess }
                }
                for frontend in cluster.frontends { #expect(frontend.isRunning) }
            }
        }

        @Test func whenEtcdLosesAllItsDataNoFrontendBeginsAnew() throws {
            try ReplicatedCluster.run { cluster in
                let master = try cluster.master()
                for round in 0..<5 { #expect(try cluster.makeDatabase("d\(round)", at: master).isSuccess) }
                try cluster.awaitReplayed(from: master)
                try cluster.etcd.wipe()
                try master.waitForLog("transfer from MASTER to FOLLOWER")
                for frontend in cluster.frontends {
                    let answer = try cluster.makeDatabase("anew", at: frontend)
                    #expect(!answer.isSuccess, "\(frontend.name)")
                    #expect(try cluster.databases(at: frontend).contains("d4"), "\(frontend.name)")
                }
                let restarted = cluster.frontends[2]
                restarted.kill()
                #expect(try restarted.runToEnd() == 1)
                #expect(restarted.tail().contains("lost its data"), "\(restarted.tail())")
                // The others know that it is not their log, and stand for no election over it.
                for frontend in cluster.frontends[0...1] {
                    try frontend.waitForLog("the edit log ends at 0")
                    try frontend.waitForLog("transfer from FOLLOWER to UNKNOWN")
                    #expect(frontend.isRunning)
                    let refusal = try cluster.makeDatabase("anew", at: frontend)
                    #expect(!refusal.isSuccess)
                    #expect(String(decoding: refusal.body, as: UTF8.self).contains("the edit log ends at 0"))
                }
            }
        }

        /// Its log begins anew, and is longer than theirs before long.
        @Test func anotherClusterBelowThePrefixIsNotFollowed() throws {
            try ReplicatedCluster.run(followers: 2) { cluster in
                let master = try cluster.master()
                for round in 0..<5 { #expect(try cluster.makeDatabase("d\(round)", at: master).isSuccess) }
                try cluster.awaitReplayed(from: master)
                let stranger = try cluster.makeFrontend("stranger")
                defer { stranger.kill() }
                for frontend in cluster.frontends { frontend.freeze() }
                try cluster.etcd.wipe()
                try stranger.start()
                _ = try cluster.master(among: [stranger])
                for round in 0..<40 { #expect(try cluster.makeDatabase("s\(round)", at: stranger).isSuccess) }

                for frontend in cluster.frontends { frontend.thaw() }
                for frontend in cluster.frontends {
                    try frontend.waitForLog("where the edit log of cluster")
                    for method in [HTTPMethod.get, .post] {
                        let body = method == .post ? #"{"name": "anew"}"# : ""
                        try eventually("\(frontend.name) refuses") {
                            let answer = try cluster.send(method, "/api/databases", body, to: frontend)
                            return answer.status == 503
                                && String(decoding: answer.body, as: UTF8.self).contains("there is that of cluster")
                        }
                    }
                    #expect(try cluster.send(.get, "/api/health", to: frontend).status == 503)
                    #expect(frontend.isRunning)
                }
                #expect(try !cluster.databases(at: stranger).contains("anew"))
                #expect(ReplicatedCluster.state(stranger) == "MASTER")
            }
        }
    }
}
