import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// A real FE that follows, and can't keep up.
    @Suite struct FollowerTests {
        /// One that was down, and one that was stopped, which may have been told of the entries before they were dropped.
        @Test func whoMissedWhatWasTruncatedTakesAnImage() throws {
            try ReplicatedCluster.run(observers: 1) { cluster in
                // The other follower has the images: without it the log would be kept.
                let (master, stopped, dead) = (cluster.frontends[0], cluster.frontends[2], cluster.frontends[3])
                let place = dead.logLength
                stopped.freeze()
                dead.kill()
                for image in 0..<2 {
                    for round in 0..<20 {
                        #expect(try cluster.makeDatabase("d\(image)x\(round)", at: master).isSuccess)
                    }
                    _ = try cluster.at(master).control("checkpoint")
                }
                stopped.thaw()
                try dead.start()
                try cluster.awaitReplayed(from: master)
                try dead.waitForLog("an image was taken over", from: place)
                // And goes on behind it.
                #expect(try cluster.makeDatabase("behind", at: stopped).isSuccess)
                try cluster.awaitReplayed(from: master)
                master.kill()
                let next = try cluster.master(otherThan: master)
                #expect(try cluster.databases(at: next).isSuperset(of: ["d0x0", "d1x19", "behind"]))
                #expect(try cluster.databases(at: stopped).isSuperset(of: ["d0x0", "d1x19", "behind"]))
            }
        }

        /// An image that comes over connections which break off in the middle, and again after the follower was killed.
        @Test func anImageComesPieceByPieceOverConnectionsThatBreak() throws {
            try ReplicatedCluster.run(followers: 2) { cluster in
                let (master, follower) = (cluster.frontends[0], cluster.frontends[1])
                for round in 0..<300 { #expect(try cluster.makeDatabase("database-\(round)", at: master).isSuccess) }
                // It is not offered to one that is away.
                follower.kill()
                let image = try cluster.at(master).decode(CheckpointView.self, "checkpoint").logID
                let path = "/meta/image/image.\(image)"
                let bytes = try Data(contentsOf: URL(fileURLWithPath: master.folder + path))
                try follower.start()
                try cluster.awaitReplayed(from: master)

                let relay = try TCPRelay(to: UInt16(master.port("http_port")))
                defer { relay.stop() }
                let version = try String(contentsOfFile: follower.folder + "/meta/image/VERSION", encoding: .utf8)
                let token = try #require(version.split(separator: "\n").first { $0.hasPrefix("token=") }?.dropFirst(6))
                struct Answer: Decodable { var code: Int }
                let http = try HTTPClient()
                defer { http.shutdown() }
                func put() throws -> Int {
                    var request = HTTPRequest(
                        .get, "http://\(cluster.address(follower))/put?version=\(image)&port=\(relay.port)",
                        headers: [HTTPHeader("token", String(token))])
                    request.timeouts.answer = .seconds(120)
                    return try JSONDecoder().decode(Answer.self, from: Data(try http.execute(request).body)).code
                }
                // Each connection brings a little, and the ninth and those after it nothing.
                relay.breakOff { $0 > 8 ? 0 : Int.random(in: 300...bytes.count / 10) }
                #expect(try put() == 500)
                let part = try #require(
                    FileManager.default.contentsOfDirectory(atPath: follower.folder + "/meta/image")
                        .first { $0.hasPrefix("image.\(image).") && $0.hasSuffix(".part") })
                let size = try #require(
                    FileManager.default.attributesOfItem(atPath: follower.folder + "/meta/image/" + part)[.size] as? Int
                )
                #expect(size > 0 && size < bytes.count)

                try follower.restart()
                let before = relay.connectionCount
                relay.breakOff { $0 < before + 4 ? Int.random(in: 300...bytes.count / 10) : nil }
                let sent = relay.answeredBytes
                #expect(try put() == 0)
                #expect(try Data(contentsOf: URL(fileURLWithPath: follower.folder + path)) == bytes)
                // What had come did not come again; heads of answers do.
                #expect(relay.answeredBytes - sent < bytes.count - size + 5 * 1000)
            }
        }

        @Test(.enabled(if: SmallDisk.canBeMade, "needs the right to mount a file system"))
        func oneWhoseDiskIsFullFollowsAndWritesItsImagesLater() throws {
            let disk = try SmallDisk(megabytes: 16)
            let often = ["edit_log_roll_num": "100", "checkpoint_interval_seconds": "5"]
            try ReplicatedCluster.run(
                followers: 2, settings: often, own: [1: ["meta_dir": disk.path + "/meta"]]
            ) { cluster in
                let (master, follower) = (cluster.frontends[0], cluster.frontends[1])
                try disk.fill()
                for round in 0..<120 { #expect(try cluster.makeDatabase("d\(round)", at: follower).isSuccess) }
                try follower.waitForLog("image was not written")
                try cluster.awaitReplayed(from: master)
                #expect(follower.isRunning)
                try disk.free()
                // Its own, or the master's.
                try eventually("an image") {
                    try FileManager.default.contentsOfDirectory(atPath: disk.path + "/meta/image")
                        .contains { $0.hasPrefix("image.") && Int($0.dropFirst("image.".count)) != nil }
                }
                try follower.restart()
                try cluster.awaitReplayed(from: master)
            }
        }
    }
}
