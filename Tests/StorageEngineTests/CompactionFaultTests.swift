import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Every change of the disk and the meta store in a compaction and the sweep after it fails or crashes in turn. After a
/// restart the rows are the same, no file without meta stays, and the rest can be carried out.
@Suite struct CompactionFaultTests {
    @Test(arguments: FaultKind.allCases) func rowsAreTheSameWhateverFails(kind: FaultKind) throws {
        var faults = 0
        for index in 0... {
            let fixture = try EngineFixture()
            let tablet = try {
                let engine = try fixture.start()
                defer { engine.close() }
                var tablet = try LoadedTablet(fixture, engine)
                try tablet.load(12, 9, 3, in: engine)
                return tablet
            }()
            fixture.plan.restart(kind.fault(index))
            Self.run(fixture)
            let wasTouched = fixture.plan.wasTouched
            let place = "\(kind.rawValue) \(index): \(fixture.plan.touchedOperation?.description ?? "none")"
            if fixture.plan.hasCrashed {
                fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            }
            fixture.plan.restart()
            try Self.check(fixture, tablet, place)
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 25, "the sweep met \(faults) operations only")
    }

    /// What fails is left as it is; the same engine may go on after it.
    private static func run(_ fixture: EngineFixture) {
        do {
            let engine = try fixture.start()
            defer { engine.close() }
            for step in [
                { _ = try engine.compactNow() }, { try fixture.time.advance(by: .seconds(301)) },
                { try engine.sweepTrash() },
            ] {
                do {
                    try step()
                } catch {
                    continue
                }
            }
        } catch {
            return
        }
    }

    private static func check(_ fixture: EngineFixture, _ loaded: LoadedTablet, _ place: String) throws {
        let engine = try fixture.start()
        defer { engine.close() }
        #expect(try readRows(engine, 1) == loaded.rows, "\(place)")
        #expect(["[0-1][2-2][3-3][4-4]", "[0-1][2-4]"].contains(try engine.visible()), "\(place)")
        #expect(engine.strayFiles(fixture) == [], "\(place): files without meta")
        #expect(engine.counters.lostRowsets == 0, "\(place)")
        let stale = try engine.tablet1().staleRowsets.map(\.meta.versions.description).joined()
        #expect(["", "[2-2][3-3][4-4]"].contains(stale), "\(place)")
        if stale != "" { #expect(try readRows(engine, 1, version: 3).count == 21, "\(place)") }

        _ = try engine.compactNow()
        try fixture.time.advance(by: .seconds(301))
        try engine.sweepTrash()
        #expect(try engine.visible() == "[0-1][2-4]", "\(place): in the end")
        #expect(try readRows(engine, 1) == loaded.rows, "\(place): in the end")
        #expect(try engine.tablet1().staleRowsets.isEmpty, "\(place): in the end")
        #expect(engine.strayFiles(fixture) == [], "\(place): files in the end")
        #expect(engine.diskReports()[0].dataUsedBytes == engine.tabletStats()[0].dataSizeBytes, "\(place)")
    }
}
