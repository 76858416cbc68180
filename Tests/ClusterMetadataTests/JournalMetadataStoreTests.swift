import ClusterTestKit
import HTTPAPI
import Logging
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata

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

    /// found A1: the write succeeds, only its sync fails, once.
    @Test func anAppendThatHappenedAlthoughItFailedIsDurableForItsCaller() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        machine.plan.restart(.failAfter(0))
        let added = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        #expect(machine.plan.wasTouched && store.trouble == nil)
        machine.crash()
        #expect(try machine.open().read { $0.backends } == [added])
    }

    @Test func anAppendThatDidNotHappenIsRefusedAndTheNextOneWorks() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        machine.plan.restart(.fail(0))
        let error = #expect(throws: MetadataError.self) {
            try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        }
        guard case .notWritten? = error else {
            Issue.record("\(String(describing: error)) does not say that nothing was written")
            return
        }
        #expect(store.trouble == nil && store.read { $0.backends.isEmpty })
        let added = try store.addBackend(NetworkAddress(host: "be2", port: 9050))
        machine.crash()
        #expect(try machine.open().read { $0.backends } == [added])
    }

    /// found A1: what nobody can know is told to nobody, and later changes wait until it is known.
    @Test(arguments: [true, false]) func anUnknownOutcomeIsSettledByReadingBack(happened: Bool) throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        let first = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        let before = try store.snapshot().durableBytes()
        machine.plan.restart(happened ? .failAfterAndFrom(0) : .failFrom(0))
        let unknown = #expect(throws: MetadataError.self) {
            try store.addBackend(NetworkAddress(host: "be2", port: 9050))
        }
        guard case .outcomeUnknown? = unknown else {
            Issue.record("\(String(describing: unknown)) does not say that nobody knows")
            return
        }
        #expect(store.trouble?.hasUnknownChange == true)
        try machine.time.advance(by: .seconds(7))
        let refused = #expect(throws: MetadataError.self) {
            try store.addBackend(NetworkAddress(host: "be3", port: 9050))
        }
        #expect("\(try #require(refused))".contains("for 7 s"))
        #expect(throws: MetadataError.self) { try store.allocateIDs(1) }
        #expect(throws: MetadataError.self) { try store.checkpoint() }
        #expect(throws: (any Error).self) { try store.settle() }
        #expect(store.trouble?.attempts == 1)
        #expect(try store.snapshot().durableBytes() == before)

        machine.plan.restart()
        let settlement = try #require(try store.settle())
        #expect(settlement.isDurable == happened && settlement.entries.count == 1)
        #expect(store.trouble == nil)
        #expect(try store.settle() == nil)
        #expect(store.read { $0.backends.map(\.host) } == (happened ? ["be1", "be2"] : ["be1"]))
        let last = try store.addBackend(NetworkAddress(host: "be4", port: 9050))
        // An id that was taken for what never was is passed over.
        #expect(last.id.rawValue == first.id.rawValue + 2)
        _ = try store.checkpoint()
        machine.crash()
        #expect(try machine.open().snapshot().durableBytes() == store.snapshot().durableBytes())
    }

    /// found A10: the disk is full, or takes no writes, at the start.
    @Test func metadataThatCanOnlyBeReadIsServedAndBecomesWritableByItself() throws {
        let machine = MetadataMachine()
        let added = try machine.open().addBackend(NetworkAddress(host: "be1", port: 9050))
        machine.crash()
        machine.plan.restart(.failFrom(0))
        let store = try machine.open()
        #expect(store.trouble?.hasUnknownChange == false)
        #expect(store.read { $0.backends } == [added])
        #expect(throws: MetadataError.self) { try store.beginEpoch() }
        #expect(throws: (any Error).self) { try store.settle() }
        machine.plan.restart()
        #expect(try store.settle()?.entries.isEmpty == true)
        #expect(try store.beginEpoch() == 1)
    }

    /// An FE on the same folder, by mistake: its entries are not taken for this one's.
    @Test func entriesOfAnotherWriterAreNotTakenForTheOpenChange() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        machine.plan.restart(.failFrom(0))
        #expect(throws: MetadataError.self) { try store.addBackend(NetworkAddress(host: "be1", port: 9050)) }
        machine.plan.restart()
        do {
            let other = try machine.machine.keyValueStores.open("/meta/journal")
            defer { other.close() }
            _ = try KeyValueJournal(try ReopeningStore(OneStore(store: other), path: "/x")).append([.setEpoch(7)])
        }
        let error = #expect(throws: MetadataError.self) { try store.settle() }
        #expect("\(try #require(error))".contains("no other FE"))
        #expect(store.trouble != nil && store.read { $0.epoch } == 0)
    }

    private struct OneStore: KeyValueStoreOpener {
        let store: any KeyValueStore
        func open(_ path: String) -> any KeyValueStore { store }
        func openForReading(_ path: String) -> any KeyValueStore { store }
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
