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
