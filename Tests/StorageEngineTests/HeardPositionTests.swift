import ClusterTestKit
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// What the data dirs hold of the master's metadata.
@Suite struct HeardPositionTests {
    private let first = MetadataPosition(epoch: 3, life: -7, logID: 10, idEnd: 20_001)
    private let second = MetadataPosition(epoch: 2, life: 9, logID: 4, idEnd: 12_001)

    @Test func theLastOneThatWasWrittenSurvivesACrash() throws {
        let fixture = try EngineFixture(dirs: [DataDirSpec(path: "/be/d1"), DataDirSpec(path: "/be/d2")])
        var engine = try fixture.open()
        #expect(engine.heardPosition == nil)
        try engine.persistHeardPosition(first)
        try engine.persistHeardPosition(second)
        #expect(engine.heardPosition == second)
        fixture.machine.crash()
        engine = try fixture.open()
        #expect(engine.heardPosition == second)
    }

    @Test func whatADirThatWasAwayHoldsIsOlder() throws {
        let both = [DataDirSpec(path: "/be/d1"), DataDirSpec(path: "/be/d2")]
        let fixture = try EngineFixture(dirs: both)
        try fixture.open().persistHeardPosition(first)
        fixture.machine.crash()
        let one = try StorageEngine.open([both[0]], options: fixture.options, environment: fixture.environment)
        try one.persistHeardPosition(second)
        fixture.machine.crash()
        for dirs in [both, both.reversed()] {
            let engine = try StorageEngine.open(dirs, options: fixture.options, environment: fixture.environment)
            #expect(engine.heardPosition == second)
            fixture.machine.crash()
        }
    }

    @Test func aDamagedRecordIsFoundOut() throws {
        let record = MasterPositionRecord(sequence: 5, position: first)
        let bytes = record.encoded
        #expect(try bytes.withUnsafeBytes { try MasterPositionRecord(decoding: $0) } == record)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: StoredFormatError.self) {
                try changed.withUnsafeBytes { try MasterPositionRecord(decoding: $0) }
            }
        }
        for count in bytes.indices {
            #expect(throws: StoredFormatError.self) {
                try Array(bytes[..<count]).withUnsafeBytes { try MasterPositionRecord(decoding: $0) }
            }
        }
    }
}
