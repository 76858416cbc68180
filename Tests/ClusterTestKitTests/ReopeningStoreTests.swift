import ClusterTestKit
import Platform
import PlatformContracts
import Testing

/// found A1, A9, A10: what a writer hears is what is there, whatever the disk does.
@Suite struct ReopeningStoreTests {
    private let stores = MemoryKeyValueStoreOpener()
    private let plan = FaultPlan()

    private func open() throws -> ReopeningStore {
        try ReopeningStore(FaultyKeyValueStoreOpener(stores, plan: plan), path: "/s")
    }

    private func batch(_ key: UInt8, _ value: UInt8) -> WriteBatch {
        var batch = WriteBatch()
        batch.put([key], [value])
        return batch
    }

    @Test(arguments: KeyValueStoreContract.allCases.filter { $0 != .openTwiceIsLocked })
    func keepsTheContract(_ contract: KeyValueStoreContract) throws {
        struct Opener: KeyValueStoreOpener {
            let base = MemoryKeyValueStoreOpener()
            func open(_ path: String) throws -> any KeyValueStore { try ReopeningStore(base, path: path) }
            func openForReading(_ path: String) throws -> any KeyValueStore { try base.openForReading(path) }
        }
        try contract.check(Opener(), path: "/s")
    }

    @Test func aWriteThatHappenedAlthoughItFailedSucceeds() throws {
        let store = try open()
        plan.restart(.failAfter(0))
        try store.write(batch(1, 1), sync: true)
        #expect(plan.wasTouched && store.failure == nil)
        #expect(try store.get([1]) == [1])
        try store.write(batch(2, 2), sync: true)
    }

    @Test func aWriteThatDidNotHappenIsRefusedAndTheNextOneWorks() throws {
        let store = try open()
        plan.restart(.fail(0))
        let error = #expect(throws: KeyValueStoreError.self) { try store.write(batch(1, 1), sync: true) }
        #expect(error?.outcome == .refused && store.failure == nil)
        #expect(try store.get([1]) == nil)
        try store.write(batch(1, 2), sync: true)
        #expect(try store.get([1]) == [2])
    }

    @Test(arguments: [true, false]) func anOutcomeStaysUnknownUntilTheStoreCanBeOpenedAgain(happened: Bool) throws {
        let store = try open()
        try store.write(batch(0, 1), sync: true)
        plan.restart(happened ? .failAfterAndFrom(0) : .failFrom(0))
        let unknown = #expect(throws: KeyValueStoreError.self) { try store.write(batch(1, 1), sync: true) }
        #expect(unknown?.outcome == .unknown)
        #expect(store.failure != nil)
        let refused = #expect(throws: KeyValueStoreError.self) { try store.write(batch(2, 2), sync: true) }
        #expect(refused?.outcome == .refused)
        #expect(throws: KeyValueStoreError.self) { try store.reopen() }
        #expect(try store.get([0]) == [1])

        plan.restart()
        let settlement = try store.reopen()
        #expect(settlement.durable.count == (happened ? 1 : 0) && settlement.absent.count == (happened ? 0 : 1))
        #expect(store.failure == nil)
        #expect(try store.get([1]) == (happened ? [1] : nil))
        #expect(try store.get([2]) == nil)
        try store.write(batch(3, 3), sync: true)
        #expect(try store.reopen().absent.isEmpty)
    }

    @Test func aDiskThatTakesNoWritesIsReadFromTheStart() throws {
        do {
            let store = try open()
            try store.write(batch(1, 1), sync: true)
            store.close()
        }
        plan.restart(.failFrom(0))
        let store = try open()
        #expect(store.failure != nil)
        #expect(try store.get([1]) == [1])
        #expect(throws: KeyValueStoreError.self) { try store.write(batch(2, 2), sync: true) }
        plan.restart()
        _ = try store.reopen()
        try store.write(batch(2, 2), sync: true)
    }

    @Test func aStoreThatIsNotThereAndCannotBeMadeIsAnError() throws {
        plan.restart(.failFrom(0))
        #expect(throws: KeyValueStoreError.self) { try open() }
    }

    @Test func rangesAndDeletesAreReadBackToo() throws {
        let store = try open()
        for key in UInt8(0)..<10 { try store.write(batch(key, 1), sync: true) }
        var changes = WriteBatch()
        changes.put([4], [9])
        changes.deleteRange(from: [2], to: [8])
        changes.put([5], [7])
        changes.delete([9])
        for fault in [FaultPlan.Fault.fail(0), .failAfter(0)] {
            plan.restart(fault)
            let error: KeyValueStoreError?
            do {
                try store.write(changes, sync: true)
                error = nil
            } catch let caught as KeyValueStoreError {
                error = caught
            }
            #expect((error == nil) == (fault == .failAfter(0)))
            #expect(error?.outcome ?? .refused == .refused)
        }
        #expect(stores.entries("/s").map(\.key) == [[0], [1], [5], [8]])
    }

    /// Many writers meet one failure: each hears what became of its own batch.
    @Test(arguments: [true, false]) func writersAtTheSameTimeEachHearTheirOwnOutcome(happens: Bool) async throws {
        let store = try open()
        for round in 0..<20 {
            plan.restart(happens ? .failAfter(round) : .fail(round))
            let told = await withTaskGroup(of: (UInt8, Bool).self) { group in
                for writer in UInt8(0)..<8 {
                    group.addTask {
                        for number in UInt8(0)..<8 {
                            do {
                                var batch = WriteBatch()
                                batch.put([UInt8(round), writer], [number])
                                try store.write(batch, sync: true)
                            } catch {
                                return (writer, false)
                            }
                        }
                        return (writer, true)
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for writer in UInt8(0)..<8 where told[writer] == true {
                #expect(try store.get([UInt8(round), writer]) == [7])
            }
            #expect(store.failure == nil)
        }
    }
}
