import CurlHTTP
import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

extension IntegrationTests {
    /// Sources that die, lie or are slow, and destinations that die, while a tablet is cloned.
    @Suite struct CloneTroubleTests {
        private static let versions: ClosedRange<Int64> = 2...6

        /// A tablet with five loads on the first backend, and a source before it.
        private func withSource(
            _ count: Int = 2, _ body: (DrivenBackends, FaultySource, BackendProcess, _ rows: String) throws -> Void
        ) throws {
            try DrivenBackends.run(count, settings: ["disable_auto_compaction": "true"]) { driven in
                let wire = try FaultySource(before: driven.backends[0])
                defer { wire.stop() }
                try driven.create(10, on: [driven.backends[0]])
                let rows = try driven.loadVersions(Self.versions, into: 10, on: [driven.backends[0]])
                try body(driven, wire, driven.backends[1], rows)
            }
        }

        @Test func aDeadSourceIsPassedOver() throws {
            try withSource { driven, _, target, rows in
                let dead = BackendAddress(
                    host: "127.0.0.1", bePort: Int32(try LoopbackSocket.freePort()),
                    httpPort: Int32(try LoopbackSocket.freePort()))
                let alone = try driven.clone(10, from: [dead], to: target, upTo: 6).status
                #expect(!alone.isOK && alone.messages.joined().contains(dead.description))
                let ended = try driven.clone(10, from: [dead, driven.backends[0].address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aSourceThatDoesNotKnowTheTabletIsPassedOver() throws {
            try withSource(3) { driven, wire, target, rows in
                let ended = try driven.clone(
                    10, from: [driven.backends[2].address, wire.address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func everyFaultOfASourceIsNamedAndLeavesNothing() throws {
            try withSource { driven, wire, target, rows in
                func segments(_ fault: @escaping @Sendable (HTTPResponse) -> FaultyAnswer) -> FaultySource.Fault {
                    { file, answer in file.hasSuffix(".dat") ? fault(answer) : nil }
                }
                let faults: [(name: String, says: String, fault: FaultySource.Fault)] = [
                    (
                        "truncated files", ".dat",
                        segments { .truncated(declared: $0.body.count, body: Array($0.body.dropLast(7))) }
                    ),
                    ("short files", "bytes", segments { .respond(status: 200, body: Array($0.body.dropLast(7))) }),
                    ("long files", "longer", segments { .respond(status: 200, body: $0.body + [1, 2, 3]) }),
                    (
                        "wrong bytes", "checksum",
                        segments { answer in
                            var body = answer.body
                            body[body.count / 2] ^= 0x10
                            return .respond(status: 200, body: body)
                        }
                    ),
                    ("absent files", "404", segments { _ in .respond(status: 404) }),
                    ("cut connections", ".dat", segments { _ in .reset }),
                    ("an empty list", ".hdr", { file, _ in file == "list" ? .respond(status: 200) : nil }),
                    (
                        "a list without segments", ".dat",
                        { file, _ in file == "list" ? .respond(status: 200, body: Array("10.hdr\n".utf8)) : nil }
                    ),
                    (
                        "a broken header", "hdr",
                        { file, answer in
                            file.hasSuffix(".hdr")
                                ? .respond(status: 200, body: Array(answer.body.dropLast(3))) : nil
                        }
                    ),
                    ("no header", "404", { file, _ in file.hasSuffix(".hdr") ? .respond(status: 404) : nil }),
                ]
                for (name, says, fault) in faults {
                    wire.setFault(fault)
                    let ended = try driven.clone(10, from: [wire.address], to: target, upTo: 6).status
                    let message = ended.messages.joined(separator: " ")
                    #expect(!ended.isOK, "\(name)")
                    #expect(message.contains(says) && message.contains(wire.address.description), "\(name): \(message)")
                    #expect(!message.contains(driven.frontend.token), "\(name)")
                    #expect(try target.tablet(10) == nil, "\(name)")
                    #expect(try target.segmentFiles().isEmpty, "\(name)")
                    #expect(driven.backends[0].names(under: "snapshot") == [], "\(name)")
                }
                #expect(!target.daemon.log(from: 0).contains(driven.frontend.token))
                wire.setFault(nil)
                #expect(try driven.clone(10, from: [wire.address], to: target, upTo: 6).status.isOK)
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aCorruptFileOnTheDiskOfASourceDoesNotSpread() throws {
            try DrivenBackends.run(3, settings: ["disable_auto_compaction": "true"]) { driven in
                let (first, second, target) = (driven.backends[0], driven.backends[1], driven.backends[2])
                try driven.create(10, on: [first, second])
                let rows = try driven.loadVersions(2...4, into: 10, on: [first, second])
                let path = try first.segmentFile(of: 10, version: 3)
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: URL(fileURLWithPath: path))

                let alone = try driven.clone(10, from: [first.address], to: target, upTo: 4).status
                #expect(!alone.isOK && alone.messages.joined().contains("checksum"), "\(alone)")
                let ended = try driven.clone(10, from: [first.address, second.address], to: target, upTo: 4)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aBrokenDownloadGoesOnWhereItBroke() throws {
            try withSource { driven, wire, target, rows in
                let broken = Broken()
                wire.setFault { file, answer in
                    guard file.hasSuffix(".dat"), broken.isFirst(file) else { return nil }
                    return .truncated(declared: answer.body.count, body: Array(answer.body.dropLast(100)))
                }
                let ended = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                // Each was asked for twice, and fetched once.
                #expect(wire.requestedSegments.count == 10)
                #expect(ended.copySizeBytes == ended.tablets?.first?.dataSizeBytes)
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func verifiedFilesAreNotFetchedAgainAfterAFailure() throws {
            try withSource { driven, wire, target, rows in
                let last = try #require(try driven.backends[0].versionGraph(10).visible.last).rowsetID + "_0.dat"
                wire.setFault { file, _ in file == last ? .reset : nil }
                let first = try driven.clone(10, from: [wire.address], to: target, upTo: 6).status
                #expect(!first.isOK && first.messages.joined().contains(last))
                let before = wire.requestedSegments.count
                wire.setFault(nil)
                let second = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(second.status.isOK)
                #expect(Array(wire.requestedSegments.dropFirst(before)) == [last])
                #expect(try target.rows(10) == rows)
                #expect(target.names(under: "clone") == [])
            }
        }

        @Test func aKilledDestinationGoesOnFromTheFilesItHadVerified() throws {
            try withSource { driven, wire, target, rows in
                let last = try #require(try driven.backends[0].versionGraph(10).visible.last).rowsetID + "_0.dat"
                wire.setFault { file, answer in
                    guard file == last else { return nil }
                    return .stall(declared: answer.body.count, body: Array(answer.body.dropLast(100)))
                }
                _ = try driven.beginClone(10, from: [wire.address], to: target, upTo: 6)
                try eventually("all files but one") { try target.clones().first?.filesDone == 4 }
                try eventually("half a file") { target.names(under: "clone").contains { $0.hasSuffix(".part") } }
                try driven.killAndRestart(target)
                // Half a clone is no replica.
                #expect(try target.tablet(10) == nil)
                let before = wire.requestedSegments.count
                wire.setFault(nil)
                let ended = try driven.clone(10, from: [wire.address], to: target, upTo: 6)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(Array(wire.requestedSegments.dropFirst(before)) == [last])
                #expect(try target.rows(10) == rows)
                #expect(target.names(under: "clone") == [])
            }
        }

        @Test func aDestinationKilledDuringARepairKeepsWhatItHad() throws {
            try DrivenBackends.run(2, settings: ["disable_auto_compaction": "true"]) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                let wire = try FaultySource(before: source)
                defer { wire.stop() }
                try driven.create(10)
                let common = try driven.loadVersions(2...3, into: 10, on: driven.backends)
                let missed = try driven.loadVersions(4...5, into: 10, on: [source])
                wire.setFault { file, answer in
                    file.hasSuffix(".dat") ? .stall(declared: answer.body.count, body: []) : nil
                }
                _ = try driven.beginClone(10, from: [wire.address], to: target, upTo: 5)
                try eventually("downloads under way") { wire.requestedSegments.count == 2 }
                // It is readable all the time.
                #expect(try target.rows(10) == common)
                try driven.killAndRestart(target)
                #expect(try target.rows(10) == common)
                wire.setFault(nil)
                #expect(try driven.clone(10, from: [wire.address], to: target, upTo: 5).status.isOK)
                #expect(try target.rows(10) == common + missed)
            }
        }

        @Test func aSourceKilledWhileItServesIsReplacedByTheNext() throws {
            // Slow enough to be met at work.
            try DrivenBackends.run(3, settings: ["max_download_speed_kbps": "300"]) { driven in
                let (first, second, target) = (driven.backends[0], driven.backends[1], driven.backends[2])
                try driven.create(10, on: [first, second])
                var rows = ""
                for version in Self.versions {
                    let load = DrivenBackends.rows(10_000, seed: UInt64(version))
                    rows += load
                    try driven.load(
                        load, into: 10, TransactionID(version), as: Version(version), on: [first, second])
                }
                let signature = try driven.beginClone(
                    10, from: [first.address, second.address], to: target, upTo: 6)
                _ = try eventually("bytes of the first source") { try target.clones().first.map { $0.bytesDone > 0 } }
                first.daemon.kill()
                let ended = try driven.frontend.finish(.clone, signature)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(target.daemon.log(from: 0).contains("clone source failed"))
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aTabletThatIsBeingClonedCanNotBeDroppedThere() throws {
            try DrivenBackends.run(2) { driven in
                let (source, target) = (driven.backends[0], driven.backends[1])
                let wire = try FaultySource(before: source)
                defer { wire.stop() }
                try driven.create(10)
                try driven.loadVersions(2...3, into: 10, on: [source])
                wire.setFault { file, answer in
                    file.hasSuffix(".dat") ? .stall(declared: answer.body.count, body: []) : nil
                }
                let signature = try driven.beginClone(10, from: [wire.address], to: target, upTo: 3)
                try eventually("downloads under way") { wire.requestedSegments.count == 2 }
                let drop = AgentTask.Payload.drop(DropTabletRequest(tabletID: 10))
                let refused = try driven.frontend.run(.drop, drop, on: target).status
                #expect(refused.code == .aborted && refused.messages.joined().contains("10"), "\(refused)")
                // Nor compacted, nor cloned twice.
                #expect(try driven.compact(10, .cumulative, on: target).code == .aborted)
                #expect(try driven.clone(10, from: [wire.address], to: target, upTo: 3).status.code == .aborted)

                wire.setFault(nil)
                wire.stop()
                #expect(try !driven.frontend.finish(.clone, signature).status.isOK)
                #expect(try driven.frontend.run(.drop, drop, on: target).status.isOK)
                #expect(try target.tablet(10) == nil)
            }
        }

        @Test func aTabletDroppedAtItsSourceIsClonedToTheEnd() throws {
            try withSource { driven, wire, target, rows in
                let gate = Gate()
                wire.setFault { file, _ in
                    if file.hasSuffix(".dat") { gate.wait() }
                    return nil
                }
                let signature = try driven.beginClone(10, from: [wire.address], to: target, upTo: 6)
                try eventually("downloads under way") { !wire.requestedSegments.isEmpty }
                let drop = AgentTask.Payload.drop(DropTabletRequest(tabletID: 10))
                #expect(try driven.frontend.run(.drop, drop, on: driven.backends[0]).status.isOK)
                gate.open()
                let ended = try driven.frontend.finish(.clone, signature)
                #expect(ended.status.isOK, "\(ended.status)")
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aFullDiskTakesNoCloneAndSaysWhy() throws {
            try withSource { driven, wire, target, rows in
                // Any disk that holds a system and this build is fuller than that.
                target.daemon.settings["storage_flood_stage_usage_percent"] = "1"
                try driven.killAndRestart(target)
                let refused = try driven.clone(10, from: [wire.address], to: target, upTo: 6).status
                #expect(!refused.isOK && refused.messages.joined().contains(target.storageFolder), "\(refused)")
                #expect(try target.tablet(10) == nil)
                #expect(wire.requestedSegments.isEmpty)
                target.daemon.settings["storage_flood_stage_usage_percent"] = "100"
                try driven.killAndRestart(target)
                #expect(try driven.clone(10, from: [wire.address], to: target, upTo: 6).status.isOK)
                #expect(try target.rows(10) == rows)
            }
        }

        @Test func aCloneThatRunsOutOfTimeEndsSoAndSaysWhere() throws {
            try withSource { driven, wire, target, _ in
                wire.setFault { file, answer in
                    file.hasSuffix(".dat") ? .stall(declared: answer.body.count, body: []) : nil
                }
                let request = driven.cloneRequest(
                    10, from: [wire.address], replica: 2, upTo: 6, timeoutSeconds: 2)
                let ended = try driven.frontend.run(.clone, .clone(request), on: target).status
                #expect(!ended.isOK && ended.messages.joined().contains(wire.address.description), "\(ended)")
                #expect(try target.clones().isEmpty)
            }
        }
    }
}

/// Tells the first request for a name from later ones.
private final class Broken: Sendable {
    private let seen = Mutex<Set<String>>([])
    func isFirst(_ name: String) -> Bool { seen.withLock { $0.insert(name).inserted } }
}

/// Holds threads until it is opened. `@unchecked Sendable`: `isOpen` is touched only under the condition's lock.
private final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    func wait() {
        condition.withLock {
            while !isOpen { condition.wait() }
        }
    }
}
