import ClusterTestKit
import HTTPAPI
import Logging
import Platform
import TabletModel
import Testing

@testable import MasterCore

/// A master's metadata on a simulated machine, opened as the daemon does.
struct MetadataMachine {
    let machine = MemoryMachine()
    let plan: FaultPlan

    init(_ fault: FaultPlan.Fault = .none) { plan = FaultPlan(fault) }

    func open(seed: UInt64 = 1, clusterID: Int32? = nil) throws -> MetadataStore {
        let stores = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan)
        return try MetadataStore.open(
            folder: "/meta/image", files: FaultyFileSystem(machine.fileSystem, plan: plan),
            journal: KeyValueJournal(try stores.open("/meta/journal")), nodeName: "fe1_9010_1", clusterID: clusterID,
            random: SeededRandom(seed: seed), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func crash(_ loss: CrashLoss = .everything) {
        machine.crash(loss)
        plan.restart()
    }
}

@Suite struct JournalMetadataStoreTests {
    @Test func aCommittedChangeSurvivesARestart() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        let added = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        #expect(added.id == 10_001)
        machine.crash()
        let again = try machine.open()
        #expect(again.read { $0.backends } == [added])
        #expect(again.lastLogID == store.lastLogID)
    }

    @Test func aRefusedChangeWritesNothing() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        let before = store.lastLogID
        #expect(throws: MasterError.self) { try store.addBackend(NetworkAddress(host: "be1", port: 9050)) }
        #expect(throws: MasterError.self) { try store.addBackend(NetworkAddress(host: "", port: 9050)) }
        #expect(throws: MasterError.self) {
            try store.dropBackend(NetworkAddress(host: "be2", port: 9050), force: true)
        }
        #expect(store.lastLogID == before)
    }

    @Test func idsAreNeverGivenTwiceAcrossRestarts() throws {
        let machine = MetadataMachine()
        var given: Set<Int64> = []
        for _ in 0..<4 {
            let store = try machine.open()
            for count in [1, 7, 999, 2500] {
                for id in try store.allocateIDs(count) { #expect(given.insert(id).inserted) }
            }
            machine.crash()
        }
        #expect(given.min() == 10_001)
    }

    @Test func theEpochRisesWithEachStart() throws {
        let machine = MetadataMachine()
        #expect(try machine.open().beginEpoch() == 1)
        machine.crash()
        #expect(try machine.open().beginEpoch() == 2)
    }

    @Test func theIdentityIsMadeOnceAndKept() throws {
        let machine = MetadataMachine()
        let first = try machine.open(seed: 5)
        _ = try first.beginEpoch()
        #expect(first.identity.clusterID > 0)
        #expect(first.identity.token.utf8.count == 36)
        #expect(!"\(first.identity)".contains(first.identity.token))
        machine.crash()
        #expect(try machine.open(seed: 6).identity == first.identity)
    }

    @Test func aConfiguredClusterIDIsTakenAtTheFirstStartAndCheckedAtEachOther() throws {
        let machine = MetadataMachine()
        let first = try machine.open(clusterID: 77)
        #expect(first.identity.clusterID == 77)
        _ = try first.beginEpoch()
        machine.crash()
        #expect(try machine.open().identity == first.identity)
        machine.crash()
        let error = #expect(throws: MetadataError.self) { try machine.open(clusterID: 78) }
        #expect("\(try #require(error))".contains("cluster_id = 78"))
    }

    @Test(arguments: ["VERSION", "ROLE"])
    func aMissingIdentityFileBesideMetadataStopsTheStart(name: String) throws {
        let machine = MetadataMachine()
        _ = try machine.open().beginEpoch()
        try machine.machine.fileSystem.remove("/meta/image/" + name)
        let error = #expect(throws: MetadataError.self) { try machine.open() }
        #expect("\(try #require(error))".contains("/meta/image/" + name))
    }

    @Test func afterAFailedSyncEveryChangeIsRefused() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        let before = try store.snapshot().durableBytes()
        machine.plan.restart(.fail(0))
        #expect(throws: MetadataError.self) { try store.addBackend(NetworkAddress(host: "be2", port: 9050)) }
        // The disk works again, but nobody knows what it holds.
        guard case .journalFailed? = store.failure else {
            Issue.record("the store does not say that it failed")
            return
        }
        #expect(throws: MetadataError.self) { try store.addBackend(NetworkAddress(host: "be3", port: 9050)) }
        #expect(throws: MetadataError.self) { try store.checkpoint() }
        #expect(try store.snapshot().durableBytes() == before)
    }

    /// Whatever operation of starts, commits and checkpoints the machine goes down at, what was acknowledged is there
    /// afterwards, and at most the one change in flight besides it.
    @Test(arguments: [false, true], [false, true])
    func aCrashAtAnyOperationLosesNothingAcknowledged(isAfter: Bool, isSeeded: Bool) throws {
        let entries = 40
        for k in 0... {
            let machine = MetadataMachine(isAfter ? .crashAfter(k) : .crashBefore(k))
            var generator = StateEntryGenerator(seed: 77)
            var acknowledged = ClusterState()
            var inFlight: JournalEntry?
            do {
                for round in 0..<4 {
                    let store = try machine.open()
                    for _ in 0..<(entries / 4) {
                        let entry = generator.next()
                        inFlight = entry
                        try store.commit([entry])
                        acknowledged.apply(entry)
                        inFlight = nil
                    }
                    if round != 1 { _ = try store.checkpoint() }
                    machine.machine.keyValueStores.crash()
                }
            } catch {
                #expect(machine.plan.hasCrashed, "operation \(k) gave \(error)")
            }
            let isTouched = machine.plan.wasTouched
            let place = machine.plan.touchedOperation
            machine.crash(isSeeded ? .seeded(UInt64(k)) : .everything)
            let found = try machine.open().snapshot().durableBytes()
            var possible = [try acknowledged.durableBytes()]
            if let inFlight {
                acknowledged.apply(inFlight)
                possible.append(try acknowledged.durableBytes())
            }
            #expect(possible.contains(found), "crash at operation \(k), \(String(describing: place))")
            if !isTouched { break }
        }
    }

    /// An operation that fails while the process lives on: a checkpoint can be tried again, a commit stops the writes.
    @Test func aFailureAtAnyOperationOfACheckpointLeavesAllThereIs() throws {
        for k in 0... {
            let machine = MetadataMachine()
            var generator = StateEntryGenerator(seed: 5)
            let store = try machine.open()
            for round in 0..<3 {
                for _ in 0..<10 { try store.commit([generator.next()]) }
                if round < 2 { _ = try store.checkpoint() }
            }
            machine.plan.restart(.fail(k))
            let failed: Bool
            do {
                _ = try store.checkpoint()
                failed = false
            } catch {
                failed = true
            }
            let isTouched = machine.plan.wasTouched
            machine.plan.restart()
            if failed {
                try store.commit([generator.next()])
                _ = try store.checkpoint()
            }
            machine.crash()
            #expect(try machine.open().snapshot().durableBytes() == generator.state.durableBytes(), "operation \(k)")
            if !isTouched { break }
        }
    }
}
