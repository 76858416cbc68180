import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// CLONE between real backends, as an FE's repair asks for it.
    @Suite struct CloneTests {
        @Test func aReplicaIsMadeWholeWithTheRowsOfItsSource() throws {
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                try driven.create(10, on: [source])
                let rows = try driven.loadVersions(2...4, into: 10, on: [source])

                let ended = try driven.clone(10, from: [source.address], to: target, upTo: 4)
                #expect(ended.status.isOK, "\(ended.status)")
                let row = try #require(ended.tablets?.first)
                #expect(row.tabletID == 10 && row.version == 4 && row.replicaID == 2 && row.partitionID == 5)
                #expect(row.isUsed && !row.versionMiss)
                #expect(ended.copySizeBytes == row.dataSizeBytes && row.dataSizeBytes > 0)
                #expect(ended.copyTimeMs != nil && ended.reportVersion != nil)
                #expect(try target.rows(10) == rows)
                #expect(try target.segmentFiles().count == 3)
                // Nothing stays of how it was made.
                #expect(source.names(under: "snapshot") == [])
                #expect(target.names(under: "clone") == [])

                // It is a replica like any other, also in its next life.
                try driven.killAndRestart(target)
                #expect(try target.rows(10) == rows)
                try driven.load("more\n", into: 10, 5, as: 5, on: [source, target])
                #expect(try target.rows(10) == rows + "more\n")
                #expect(try driven.checksum(10, at: 5, on: source) == driven.checksum(10, at: 5, on: target))
            }
        }

        @Test func onlyWhatAReplicaLacksIsFetched() throws {
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                let wire = try FaultySource(before: source)
                defer { wire.stop() }
                try driven.create(10)
                let common = try driven.loadVersions(2...3, into: 10, on: [source, target])
                let missed = try driven.loadVersions(4...6, into: 10, on: [source])

                let ended = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(wire.requestedSnapshots.map(\.missingVersions) == [[4, 5, 6]])
                #expect(Set(wire.requestedSegments).count == 3 && wire.requestedSegments.count == 3)
                let bytes = try source.versionGraph(10).visible.filter { $0.start >= 4 }.reduce(0) { $0 + $1.bytes }
                #expect(ended.copySizeBytes == bytes)
                #expect(try target.rows(10) == common + missed)

                // Again: there is nothing to do, and nobody is asked.
                let again = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(again.status.isOK && again.copySizeBytes == 0)
                #expect(wire.requestedSnapshots.count == 1)
            }
        }

        @Test func aCloneOfAnotherReplicaOrSchemaIsRefusedAndChangesNothing() throws {
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                let wire = try FaultySource(before: source)
                defer { wire.stop() }
                try driven.create(10)
                let common = try driven.loadVersions(2...2, into: 10, on: [source, target])
                try driven.loadVersions(3...3, into: 10, on: [source])

                let stranger = try driven.clone(10, from: [wire.address], to: target, upTo: 3, replica: 77).status
                #expect(stranger.code == .aborted)
                #expect(stranger.messages.joined().contains("77") && stranger.messages.joined().contains("2"))
                let schema = try driven.clone(10, from: [wire.address], to: target, upTo: 3, hash: 5).status
                #expect(!schema.isOK && schema.messages.joined().contains("4711"))
                let nobody = try driven.clone(10, from: [], to: target, upTo: 3).status
                #expect(nobody.code == .invalidArgument && nobody.messages.joined().contains("source"))
                #expect(wire.requestedSnapshots.isEmpty)
                #expect(try target.rows(10) == common)

                // A schema that the source does not have: refused there.
                let made = try driven.clone(11, from: [wire.address], to: target, upTo: 3).status
                #expect(!made.isOK && made.messages.joined().contains("11"))
                #expect(try target.tablet(11) == nil)
                #expect(!target.daemon.log(from: 0).contains(driven.frontend.token))
            }
        }

        @Test func versionsThatNoSourceHasAreNamedAndTheRestIsKept() throws {
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                let rows = try driven.loadVersions(2...3, into: 10, on: [source])

                let ended = try driven.clone(10, from: [source.address], to: target, upTo: 6).status
                #expect(!ended.isOK && ended.messages.joined().contains("4-6"), "\(ended)")
                #expect(try target.rows(10) == rows)
                // A new replica is made whole or not at all.
                let third = try driven.clone(11, from: [source.address], to: target, upTo: 6).status
                #expect(!third.isOK)
                try driven.create(12, on: [source])
                try driven.load("a\n", into: 12, 100, as: 2, on: [source])
                let partial = try driven.clone(12, from: [source.address], to: target, upTo: 3).status
                #expect(!partial.isOK && partial.messages.joined().contains("3"))
                #expect(try target.tablet(12) == nil)
            }
        }

        @Test func aHoleIsFilledWithTheRowsetsThatTheSourceHasForIt() throws {
            try DrivenBackends.run(2, settings: ["disable_auto_compaction": "true"]) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                let wire = try FaultySource(before: source)
                defer { wire.stop() }
                try driven.create(10)
                let rows = try driven.loadVersions(2...6, into: 10, on: driven.backends)
                try driven.loseSegment(of: 10, version: 4, on: target)
                #expect(try target.versionGraph(10).missing == [.init(start: 4, end: 4)])

                // Merged at the source by now, but the merged rowsets are still there for readers of old versions.
                #expect(try driven.compact(10, .cumulative, on: source).isOK)
                let first = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(first.status.isOK, "\(first.status)")
                #expect(wire.requestedSegments.count == 1)
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aHoleIsFilledWithOneLargerRowsetWhenTheSourceHasNoOther() throws {
            let settings = [
                "disable_auto_compaction": "true", "tablet_rowset_stale_sweep_time_sec": "0",
                "min_garbage_sweep_interval": "1", "max_garbage_sweep_interval": "1",
            ]
            try DrivenBackends.run(2, settings: settings) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                let rows = try driven.loadVersions(2...6, into: 10, on: driven.backends)
                #expect(try driven.compact(10, .cumulative, on: source).isOK)
                try eventually("stale rowsets are gone") { try source.versionGraph(10).stalePaths.isEmpty }
                try driven.loseSegment(of: 10, version: 4, on: target)

                let ended = try driven.clone(10, from: [source.address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(try target.rows(10) == rows)
                let (here, there) = (try target.versionGraph(10), try source.versionGraph(10))
                #expect(here.missing.isEmpty)
                #expect(here.visible.map { [$0.start, $0.end] } == there.visible.map { [$0.start, $0.end] })
                try driven.killAndRestart(target)
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func replicasWithDifferentHolesHealEachOther() throws {
            try DrivenBackends.run(3, settings: ["disable_auto_compaction": "true"]) { driven in
                try driven.create(10)
                let rows = try driven.loadVersions(2...5, into: 10, on: driven.backends)
                let lost: [[Int64]] = [[3, 4], [3], [4]]
                for (backend, versions) in zip(driven.backends, lost) {
                    for version in versions { try driven.loseSegment(of: 10, version: version, on: backend) }
                }
                let addresses = driven.backends.map(\.address)
                for (index, backend) in driven.backends.enumerated() {
                    let others = addresses.indices.filter { $0 != index }.map { addresses[$0] }
                    let ended = try driven.clone(10, from: others, to: backend, upTo: 5)
                    #expect(ended.status.isOK, "\(backend.daemon.name): \(ended.status)")
                }
                let checksums = try driven.backends.map { try driven.checksum(10, at: 5, on: $0) }
                #expect(Set(checksums).count == 1)
                for backend in driven.backends { #expect(try backend.rows(10) == rows) }
            }
        }

        @Test func coldRowsetsAreTakenOverWithoutACopy() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                try driven.create(10, on: [source])
                var rows = try driven.loadVersions(2...3, into: 10, on: [source])
                try driven.attachPolicy(to: 10, server.resource(), on: [source])
                try driven.notePolicy(server.resource(), on: target)
                try driven.appoint(1, of: 10, term: 1, on: source)
                try eventually("cold") { try source.tablet(10)?.isCold == true }
                // The uploader would cool this one, too; it need not have.
                rows += try driven.loadVersions(4...4, into: 10, on: [source])

                let ended = try driven.clone(10, from: [source.address], to: target, upTo: 4)
                #expect(ended.status.isOK, "\(ended.status)")
                let row = try #require(ended.tablets?.first)
                #expect(row.remoteDataSizeBytes > 0 && row.cooldownMetaID != nil)
                #expect(ended.copySizeBytes == row.dataSizeBytes)
                #expect(try target.rows(10) == rows)
                #expect(try target.metric("tabletd_be_cooldown_uploaded_objects_total") == 0)
                #expect(try driven.checksum(10, at: 4, on: source) == driven.checksum(10, at: 4, on: target))
            }
        }
    }
}
