import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// An older copy of `meta_dir`, or none: found A2, A3.
    @Suite struct OlderMetadataTests {
        private static let quick = ["report_tablet_interval_seconds": "1"]

        private func tablets(_ cluster: ProcessCluster) throws -> Int {
            let files = FileManager.default
            return try cluster.backends.reduce(0) { count, backend in
                let data = "\(cluster.folder.path)/\(backend.daemon.name)"
                let paths = try #require(files.enumerator(atPath: data)?.allObjects as? [String])
                return count + paths.count { $0.contains("/data/") && !$0.contains("/trash/") && $0.hasSuffix(".dat") }
            }
        }

        @Test func anOlderCopyHoldsEverythingUntilAPersonAdopts() throws {
            try ProcessCluster.runQuickToRepair(backend: Self.quick) { cluster in
                let (meta, copy) = ("\(cluster.folder.path)/fe/meta", "\(cluster.folder.path)/copy")
                let files = FileManager.default
                try cluster.createTable("t", buckets: 2, replicas: 3)
                var loaded = [try cluster.loadRows("t", seed: 1)]
                _ = try cluster.frontend.stop()
                try files.copyItem(atPath: meta, toPath: copy)
                try cluster.frontend.start()
                try cluster.waitForAliveBackends()
                loaded.append(try cluster.loadRows("t", seed: 2))
                try cluster.createTable("later", buckets: 2, replicas: 3)
                _ = try cluster.loadRows("later", seed: 3)
                let segments = try tablets(cluster)
                try eventually("every backend to remember this life of the FE") {
                    try cluster.decode(MetadataStatusView.self, "meta", "status").backends.allSatisfy {
                        $0.remembers.hasPrefix("epoch 2,")
                    }
                }
                _ = try cluster.frontend.stop()
                try files.removeItem(atPath: meta)
                try files.moveItem(atPath: copy, toPath: meta)

                try cluster.frontend.start()
                try cluster.waitForAliveBackends()
                let status = try eventually("every backend's report") {
                    let view = try cluster.decode(MetadataStatusView.self, "meta", "status")
                    return view.backends.allSatisfy(\.hasReported) ? view : nil
                }
                #expect(status.isHeld && status.findings.contains { $0.kind == "position" })
                #expect(status.backends.allSatisfy { $0.unknownTablets == 2 })
                let text = try cluster.control("meta", "status")
                #expect(text.contains("the whole FE is held") && text.contains("tabletctl meta adopt --all"))
                let refused = try cluster.attempt(["load", "t", "--file", loaded[0], "--label", "refused"])
                #expect(refused.status != 0 && refused.error.contains("older than the backends"), "\(refused.error)")
                let wrong = try cluster.attempt(["meta", "discard", "--all", "--confirm", "1"])
                #expect(wrong.status != 0 && wrong.error.contains("6 tablet replicas"), "\(wrong.error)")
                #expect(try tablets(cluster) == segments)

                _ = try cluster.control("meta", "adopt", "--all")
                loaded.append(try cluster.loadRows("t", seed: 4))
                try cluster.waitUntilHealthy("t")
                #expect(try cluster.readChecksum("t") == cluster.checksum(files: loaded))
                #expect(try cluster.decode(MetadataStatusView.self, "meta", "status").lostIDs.count == 1)
            }
        }

        /// What the message of a broken journal once advised.
        @Test func anEmptyMetaDirIsAnotherClusterAndTouchesNothing() throws {
            try ProcessCluster.runQuickToRepair(backends: 1, backend: Self.quick) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                _ = try cluster.loadRows("t", seed: 1)
                let segments = try tablets(cluster)
                _ = try cluster.frontend.stop()
                try FileManager.default.moveItem(
                    atPath: "\(cluster.folder.path)/fe/meta", toPath: "\(cluster.folder.path)/aside")
                try FileManager.default.createDirectory(
                    atPath: "\(cluster.folder.path)/fe/meta", withIntermediateDirectories: true)
                try cluster.frontend.start()
                _ = try cluster.control("add-backend", cluster.backends[0].heartbeatAddress.description)
                try cluster.frontend.waitForLog("a backend refuses the heartbeat")
                let backends = try cluster.control("backends")
                #expect(backends.contains("empty meta_dir"), "\(backends)")
                #expect(try tablets(cluster) == segments)
            }
        }
    }
}
