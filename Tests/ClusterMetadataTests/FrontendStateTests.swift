import MetadataTestKit
import StoredFormats
import SwiftProtobuf
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct FrontendStateTests {
    static func frontend(
        _ name: String, role: FrontendRole = .follower, host: String = "fe1", port: Int32 = 9020
    ) -> Frontend {
        Frontend(
            nodeName: name, role: role, host: host, editLogPort: port, httpPort: 8030, rpcPort: port,
            joinedAt: UnixTime(milliseconds: 5))
    }

    static let all: [JournalEntry] = [
        .addFirstFrontend(frontend("fe1_9020_1")), .addFrontend(frontend("fe2_9020_2", host: "fe2")),
        .addFrontend(frontend("fe3_9020_3", role: .observer, host: "fe3")), .removeFrontend("fe2_9020_2"),
        .timestamp(UnixTime(milliseconds: 77)),
        .masterInfoChange(MasterAddress(host: "fe1", httpPort: 8030, rpcPort: 9020)),
    ]

    @Test func aRemovedFrontendDoesNotComeBackUnderItsName() {
        var state = ClusterState.replaying(Self.all)
        #expect(state.frontends.all.map(\.nodeName) == ["fe1_9020_1", "fe3_9020_3"])
        #expect(state.frontends.removedNames == ["fe2_9020_2"])
        state.apply(.addFrontend(Self.frontend("fe2_9020_2", host: "fe2")))
        #expect(state.frontends["fe2_9020_2"] == nil)
        state.apply(.addFrontend(Self.frontend("fe2_9020_9", host: "fe2")))
        #expect(state.frontends.at(NetworkAddress(host: "fe2", port: 9020))?.nodeName == "fe2_9020_9")
        state.apply(.removeFrontend("never was"))
        #expect(state.frontends.removedNames == ["fe2_9020_2"])
    }

    @Test func whatIsRegisteredAnewIsWhatCounts() {
        var state = ClusterState.replaying(Self.all)
        var moved = Self.frontend("fe1_9020_1")
        moved.httpPort = 18_030
        state.apply(.addFrontend(moved))
        #expect(state.frontends["fe1_9020_1"] == moved)
        #expect(state.frontends.all.count == 2)
    }

    @Test func anImageHoldsThem() throws {
        let folder = try WellFolder(WellMetadata.entries + Self.all, imagesBehind: [23])
        let store = try folder.machine.open()
        let (kept, whole) = (store.read { $0.frontends }, ClusterState.replaying(Self.all).frontends)
        #expect(kept == whole)
        #expect(kept.timestamp == UnixTime(milliseconds: 77))
        #expect(kept.master?.rpcPort == 9020)
    }

    /// As an earlier build wrote it: the catalog knows nothing of frontends.
    @Test func anImageOfAnEarlierBuildHasNone() throws {
        let catalog = try EditLogImageCatalog(serializedBytes: [])
        #expect(try FrontendRegistry(catalog) == FrontendRegistry())
        #expect(FrontendRegistry().isEmpty)
    }

    @Test func aRoleThatIsUnknownStopsTheStart() throws {
        var record = Self.frontend("fe1").record
        record.role = 7
        #expect(throws: RecordError.self) { try Frontend(record) }
    }

    @Test func whatPingsTellIsGoneWithTheFrontend() {
        var state = ClusterState.replaying(Self.all)
        state.updateStatus(ofFrontend: "fe3_9020_3") { $0.isAlive = true }
        state.updateStatus(ofFrontend: "unknown") { $0.isAlive = true }
        #expect(state.status(ofFrontend: "fe3_9020_3").isAlive)
        #expect(!state.status(ofFrontend: "unknown").isAlive)
        state.apply(.removeFrontend("fe3_9020_3"))
        #expect(!state.status(ofFrontend: "fe3_9020_3").isAlive)
    }

    @Test func diffNamesWhatDiffers() throws {
        var (names, details): ([String], [String]) = ([], [])
        var other = ClusterState.replaying(Self.all)
        other.apply(.addFrontend(Self.frontend("fe3_9020_3", role: .follower, host: "fe3")))
        other.apply(.removeFrontend("fe1_9020_1"))
        other.apply(.masterInfoChange(MasterAddress(host: "fe3", httpPort: 8030, rpcPort: 9020)))
        var diff = MetadataDiff(left: .replaying(Self.all), right: other) {
            names.append("\($0.change.rawValue) \($0.name)")
            details += $0.details
        }
        try diff.run()
        #expect(
            names == [
                "- frontend fe1_9020_1", "~ frontend fe3_9020_3", "~ names of removed frontends", "~ master",
            ])
        #expect(details.contains("+ fe1_9020_1") && details.contains("+ host: \"fe3\""))
    }

    @Test func aClusterThatNobodyCanLeadIsFound() {
        func problems(_ entries: [JournalEntry]) -> [String] {
            var invariants = StateInvariants(state: .replaying(entries))
            invariants.run()
            return invariants.problems
        }
        #expect(problems(Self.all).isEmpty)
        #expect(
            problems(Self.all + [.removeFrontend("fe1_9020_1")]) == [
                "no frontend is a follower: none can become master"
            ])
        #expect(
            problems(Self.all + [.addFrontend(Self.frontend("fe1_9020_8"))]).first?.contains("as is fe1_9020_1") == true
        )
    }
}
