import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Every change of the disk and the meta store while a tablet is made, loaded beside and filled fails or crashes in turn.
/// After a restart it is not ready or done, no file is left, and the rest can be carried out.
@Suite struct AlterFaultTests {
    @Test(arguments: FaultKind.allCases) func itIsNotReadyOrDone(kind: FaultKind) throws {
        var faults = 0
        for index in 0... {
            let fixture = try EngineFixture()
            try {
                let engine = try fixture.start()
                defer { engine.close() }
                _ = try engine.createTablet(AlterFixture.baseRequest())
                try AlterFixture.load(fixture, engine, 2, 12, to: [1])
                try AlterFixture.load(fixture, engine, 3, 5, to: [1])
            }()
            fixture.plan.restart(kind.fault(index))
            Self.run(fixture)
            let wasTouched = fixture.plan.wasTouched
            let place = "\(kind.rawValue) \(index): \(fixture.plan.touchedOperation?.description ?? "none")"
            if fixture.plan.hasCrashed {
                fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            }
            fixture.plan.restart()
            try Self.check(fixture, place)
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 25, "the sweep met \(faults) operations only")
    }

    private static func run(_ fixture: EngineFixture) {
        do {
            let engine = try fixture.start()
            defer { engine.close() }
            _ = try engine.createTablet(AlterFixture.newRequest())
            try AlterFixture.load(fixture, engine, 4, 4, to: [1, 2])
            _ = try engine.alter(AlterFixture.alter(3))
        } catch {
            return
        }
    }

    private static func check(_ fixture: EngineFixture, _ place: String) throws {
        let engine = try fixture.start()
        defer { engine.close() }
        if let tablet = try? engine.tablet(2) {
            let isDone = tablet.header.state == .running
            #expect(tablet.header.state == .notReady || isDone, "\(place)")
            if isDone { #expect(try readRows(engine, 2) == AlterFixture.allRows, "\(place)") }
        }
        #expect(engine.strayFiles(fixture) == [], "\(place): files without meta")
        #expect(engine.counters.lostRowsets == 0, "\(place)")
        _ = try engine.createTablet(AlterFixture.newRequest())
        try AlterFixture.load(fixture, engine, 4, 4, to: [1, 2])
        let row = try engine.alter(AlterFixture.alter(3))
        #expect((row.version, row.versionMiss) == (4, false), "\(place)")
        #expect(try readRows(engine, 2) == AlterFixture.allRows, "\(place): in the end")
        #expect(engine.strayFiles(fixture) == [], "\(place): files in the end")
    }
}
