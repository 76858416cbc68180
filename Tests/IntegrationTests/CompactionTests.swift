import CurlHTTP
import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// COMPACTION tasks and the compaction that a backend does by itself.
    @Suite struct CompactionTests {
        private static let byTaskOnly = ["disable_auto_compaction": "true"]

        private func spans(_ backend: BackendProcess) throws -> [[Int64]] {
            try backend.versionGraph(10).visible.map { [$0.start, $0.end] }
        }

        @Test func cumulativeCompactionKeepsRowsAndOldVersions() throws {
            try DrivenBackends.run(settings: Self.byTaskOnly) { driven in
                let backend = driven.backend
                try driven.create(10)
                let rows = try driven.loadVersions(2...6, into: 10, on: driven.backends)
                let old = try backend.rows(10, version: 3)
                let before = try driven.checksum(10, at: 6, on: backend)

                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                let merged = try spans(backend)
                #expect(merged.count < 6 && merged.last?[1] == 6, "\(merged)")
                #expect(try backend.versionGraph(10).stalePaths.count == 1)
                #expect(try backend.rows(10) == rows)
                #expect(try driven.checksum(10, at: 6, on: backend) == before)
                // Readers of an old version still have it, also in the next life.
                #expect(try backend.rows(10, version: 3) == old)
                try driven.killAndRestart(backend)
                #expect(try spans(backend) == merged)
                #expect(try backend.versionGraph(10).stalePaths.count == 1)
                #expect(try backend.rows(10) == rows && backend.rows(10, version: 3) == old)
                // And it takes loads as before.
                try driven.load("more\n", into: 10, 7, as: 7)
                #expect(try backend.rows(10) == rows + "more\n")
            }
        }

        @Test func baseCompactionMergesAllIntoOneRowset() throws {
            try DrivenBackends.run(settings: Self.byTaskOnly) { driven in
                let backend = driven.backend
                try driven.create(10)
                let rows = try driven.loadVersions(2...6, into: 10, on: driven.backends)
                let before = try driven.checksum(10, at: 6, on: backend)
                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                #expect(try driven.compact(10, .base, on: backend).isOK)
                #expect(try backend.rows(10) == rows)
                #expect(try driven.checksum(10, at: 6, on: backend) == before)
                let graph = try backend.versionGraph(10)
                #expect(graph.missing.isEmpty && graph.maxVersion == 6 && graph.maxContinuousVersion == 6)
                #expect(graph.visible.count <= 2)
            }
        }

        @Test func mergedRowsetsLeaveTheDiskWhenTheyExpire() throws {
            let settings = Self.byTaskOnly.merging([
                "tablet_rowset_stale_sweep_time_sec": "0", "min_garbage_sweep_interval": "1",
                "max_garbage_sweep_interval": "1",
            ]) { $1 }
            try DrivenBackends.run(settings: settings) { driven in
                let backend = driven.backend
                try driven.create(10)
                let rows = try driven.loadVersions(2...6, into: 10, on: driven.backends)
                #expect(try backend.segmentFiles().count == 5)
                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                try eventually("only the merged segment") { try backend.segmentFiles().count == 1 }
                #expect(try backend.versionGraph(10).stalePaths.isEmpty)
                #expect(try backend.rows(10) == rows)
                let old = try backend.read(10, version: 3)
                #expect(!old.isSuccess && String(decoding: old.body, as: UTF8.self).contains("3"))
                try driven.killAndRestart(backend)
                #expect(try backend.rows(10) == rows)
                #expect(try backend.segmentFiles().count == 1)
            }
        }

        @Test func aBackendCompactsByItselfWhileLoadsGoOn() throws {
            let settings = ["compaction_check_interval_seconds": "1", "cumulative_compaction_min_deltas": "3"]
            try DrivenBackends.run(settings: settings) { driven in
                let backend = driven.backend
                try driven.create(10)
                var rows = ""
                var version: Int64 = 1
                try eventually("a compaction") {
                    version += 1
                    let load = "load \(version)\n"
                    rows += load
                    try driven.load(load, into: 10, TransactionID(version), as: Version(version))
                    return try spans(backend).contains { $0[0] < $0[1] && $0[1] > 1 }
                }
                #expect(try backend.rows(10) == rows)
                #expect(try backend.versionGraph(10).missing.isEmpty)
            }
        }

        @Test func aTaskThatCanNotBeDoneSaysWhy() throws {
            try DrivenBackends.run(settings: Self.byTaskOnly) { driven in
                let absent = try driven.compact(99, .cumulative, on: driven.backend)
                #expect(absent.code == .notFound && absent.messages.joined().contains("99"))
                try driven.create(10)
                let request = CompactionRequest(tabletID: 10, schemaHash: 5, kind: .base)
                let schema = try driven.frontend.run(.compaction, .compaction(request), on: driven.backend).status
                #expect(!schema.isOK && schema.messages.joined().contains("4711"))
                // Nothing to merge is no failure.
                #expect(try driven.compact(10, .base, on: driven.backend).isOK)
                #expect(try driven.compact(10, .cumulative, on: driven.backend).isOK)
            }
        }

        @Test func aHoleIsNeverCompactedAway() throws {
            try DrivenBackends.run(settings: Self.byTaskOnly) { driven in
                let backend = driven.backend
                try driven.create(10)
                try driven.loadVersions(2...7, into: 10, on: driven.backends)
                try driven.loseSegment(of: 10, version: 4, on: backend)
                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                let graph = try backend.versionGraph(10)
                #expect(graph.missing == [.init(start: 4, end: 4)])
                #expect(graph.maxContinuousVersion == 3 && graph.maxVersion == 7)
            }
        }

        @Test func aLostMergedRowsetComesBackFromTheOnesItWasMadeOf() throws {
            try DrivenBackends.run(settings: Self.byTaskOnly) { driven in
                let backend = driven.backend
                try driven.create(10)
                let rows = try driven.loadVersions(2...5, into: 10, on: driven.backends)
                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                let merged = try #require(try spans(backend).first { $0[0] < $0[1] && $0[1] > 1 })
                try driven.loseSegment(of: 10, version: merged[0], on: backend)
                #expect(try backend.versionGraph(10).missing.isEmpty)
                #expect(try backend.rows(10) == rows)
            }
        }
    }
}
