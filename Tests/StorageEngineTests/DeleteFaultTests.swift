import ClusterTestKit
import TabletModel
import Testing

@testable import StorageEngine

/// Every change of the disk and the meta store in the PUSH of a delete, its publish, the base compaction and the sweep after
/// it fails or crashes in turn. After a restart the rows are those before the delete or those after it, and the rest can be
/// carried out.
@Suite struct DeleteFaultTests {
    @Test(arguments: FaultKind.allCases) func rowsAreOldOrNewWhateverFails(kind: FaultKind) throws {
        var faults = 0
        for index in 0... {
            let fixture = try EngineFixture()
            let tablet = try {
                let engine = try fixture.start()
                defer { engine.close() }
                var tablet = try LoadedTablet(fixture, engine)
                try tablet.load(9, 6, in: engine)
                return tablet
            }()
            fixture.plan.restart(kind.fault(index))
            let wasPublished = Self.run(fixture)
            let wasTouched = fixture.plan.wasTouched
            let place: Comment = "\(kind.rawValue) \(index): \(fixture.plan.touchedOperation?.description ?? "none")"
            if fixture.plan.hasCrashed {
                fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            }
            fixture.plan.restart()
            try Self.check(fixture, tablet, wasPublished, place)
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 15, "the sweep met \(faults) operations only")
    }

    private static let push = PushRequest.delete(1, transaction: 50, .init("n", "<", "4"))

    /// - Returns: the publish was answered.
    private static func run(_ fixture: EngineFixture) -> Bool {
        var wasPublished = false
        do {
            let engine = try fixture.start()
            defer { engine.close() }
            for step in [
                { _ = try engine.push(push) },
                { wasPublished = try engine.publish(.sample(50, 4)).published == [1] },
                { _ = try engine.compactNow(1, .base) }, { try fixture.time.advance(by: .seconds(301)) },
                { try engine.sweepTrash() },
            ] {
                do {
                    try step()
                } catch {
                    continue
                }
            }
        } catch {
            return wasPublished
        }
        return wasPublished
    }

    private static func check(
        _ fixture: EngineFixture, _ loaded: LoadedTablet, _ wasPublished: Bool, _ place: Comment
    ) throws {
        let engine = try fixture.start()
        defer { engine.close() }
        let after = loaded.rows.filter { !["0", "1", "2", "3"].contains($0.split(separator: ",")[1]) }
        let version = try engine.tablet1().snapshot.maxVersion
        #expect(version == 4 || (version == 3 && !wasPublished), place)
        #expect(try readRows(engine, 1) == (version == 4 ? after : loaded.rows), place)
        #expect(engine.strayFiles(fixture) == [], place)

        _ = try engine.push(push)
        #expect(try engine.publish(.sample(50, 4)).failures.isEmpty, place)
        #expect(try readRows(engine, 1) == after, place)
        _ = try engine.compactNow(1, .base)
        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        #expect(try engine.visible() == "[0-4]", place)
        #expect(try readRows(engine, 1) == after, place)
        #expect(try engine.tablet1().rowsets[0].meta.droppedRows == 8, place)
        #expect(engine.strayFiles(fixture) == [] && engine.pending.count == 0, place)
        #expect(engine.diskReports()[0].dataUsedBytes == engine.tabletStats()[0].dataSizeBytes, place)
    }
}
