import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Every change of the disk and the meta store in create, push, publish, clear and drop fails or crashes in turn. After a
/// restart the state is what the last acknowledged step left, or what the step that failed would have left; and the
/// rest of the scenario can be carried out.
@Suite struct FaultSweepTests {
    /// Rows of tablet 1 and of tablet 2 after each step; nil: the tablet is not there.
    struct Expected: Equatable {
        var first: [String]?
        var second: [String]?
        var pending: Int
    }

    static let rowsA = sampleRows(12, "a")
    static let rowsB = sampleRows(5, "b")

    static let steps: [(run: @Sendable (StorageEngine) throws -> Void, after: Expected)] = [
        ({ _ = try $0.createTablet(.sample(1)) }, Expected(first: [], second: nil, pending: 0)),
        ({ _ = try $0.createTablet(.sample(2)) }, Expected(first: [], second: [], pending: 0)),
        (
            { _ = try $0.push(.sample(1, transaction: 5, url: "http://fe/a")) },
            Expected(first: [], second: [], pending: 1)
        ),
        (
            { _ = try $0.push(.sample(2, transaction: 5, url: "http://fe/b")) },
            Expected(first: [], second: [], pending: 2)
        ),
        ({ try publish($0, 5, 2) }, Expected(first: rowsA, second: rowsB, pending: 0)),
        (
            { _ = try $0.push(.sample(1, transaction: 6, url: "http://fe/b")) },
            Expected(first: rowsA, second: rowsB, pending: 1)
        ),
        (
            { try $0.clearTransaction(ClearTransactionRequest(transactionID: 6)) },
            Expected(first: rowsA, second: rowsB, pending: 0)
        ),
        ({ try drop($0, 2) }, Expected(first: rowsA, second: nil, pending: 0)),
        (
            { _ = try $0.push(.sample(1, transaction: 7, url: "http://fe/b")) },
            Expected(first: rowsA, second: nil, pending: 1)
        ),
        ({ try publish($0, 7, 3) }, Expected(first: rowsA + rowsB, second: nil, pending: 0)),
    ]

    private static func publish(_ engine: StorageEngine, _ transaction: TransactionID, _ version: Version) throws {
        let result = try engine.publish(.sample(transaction, version))
        if let failure = result.failures.first { throw failure.error }
    }

    /// Repeatable: a tablet that is gone is dropped.
    private static func drop(_ engine: StorageEngine, _ id: TabletID) throws {
        do {
            try engine.dropTablet(DropTabletRequest(tabletID: id))
        } catch EngineError.unknownTablet {
            return
        }
    }

    @Test(arguments: FaultKind.allCases) func stateIsTheOldOneOrTheNewOne(kind: FaultKind) throws {
        var faults = 0
        for index in 0... {
            let fixture = try EngineFixture()
            _ = fixture.serve("http://fe/a", Self.rowsA)
            _ = fixture.serve("http://fe/b", Self.rowsB)
            fixture.plan.restart(kind.fault(index))
            let done = Self.runUntilFailure(fixture)
            let wasTouched = fixture.plan.wasTouched
            let place = "\(kind.rawValue) \(index): \(fixture.plan.touchedOperation?.description ?? "none")"
            if fixture.plan.hasCrashed {
                fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            }
            fixture.plan.restart()
            try Self.check(fixture, done: done, place)
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 40, "the sweep met \(faults) operations only")
    }

    /// Runs the steps on one engine until one fails. Returns how many were acknowledged.
    private static func runUntilFailure(_ fixture: EngineFixture) -> Int {
        do {
            let engine = try fixture.start()
            defer { engine.close() }
            for (index, step) in steps.enumerated() {
                do {
                    try step.run(engine)
                } catch {
                    return index
                }
            }
            return steps.count
        } catch {
            return 0
        }
    }

    private static func check(_ fixture: EngineFixture, done: Int, _ place: String) throws {
        let engine = try fixture.start()
        defer { engine.close() }
        let state = try observe(engine)
        let old = done == 0 ? Expected(first: nil, second: nil, pending: 0) : steps[done - 1].after
        let new = done < steps.count ? steps[done].after : old
        #expect(state == old || state == new, "\(place): after \(done) steps")
        #expect(unnamedFiles(fixture, engine) == [], "\(place): files without meta")
        for step in steps[done...] { #expect(throws: Never.self, "\(place): going on") { try step.run(engine) } }
        #expect(try observe(engine) == steps[steps.count - 1].after, "\(place): in the end")
        try engine.sweepTrash(all: true)
        #expect(unnamedFiles(fixture, engine) == [], "\(place): files in the end")
        #expect(engine.diskReports()[0].dataUsedBytes == engine.tabletStats().reduce(0) { $0 + $1.dataSizeBytes })
    }

    private static func observe(_ engine: StorageEngine) throws -> Expected {
        func rows(_ id: TabletID) throws -> [String]? {
            engine.allTablets.contains { $0.id == id } ? try readRows(engine, id) : nil
        }
        return Expected(first: try rows(1), second: try rows(2), pending: engine.pending.count)
    }

    /// Segment files that are more than the visible rowsets' and the pending ones' can be.
    private static func unnamedFiles(_ fixture: EngineFixture, _ engine: StorageEngine) -> [String] {
        let visible = Set(
            engine.allTablets.flatMap { tablet in
                tablet.rowsets.flatMap { rowset in
                    rowset.meta.segments.indices.map { tablet.segmentPath(rowset.meta.id, $0) }
                }
            })
        let others = fixture.segmentFiles.filter { !visible.contains($0) }
        let rowsets = Set(others.map { $0.split(separator: "/").last!.prefix(48) })
        return rowsets.count <= engine.pending.count ? [] : others
    }
}
