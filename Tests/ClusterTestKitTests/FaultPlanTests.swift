import ClusterTestKit
import Logging
import Platform
import TabletModel
import Testing

struct FaultPlanTests {
    /// Two durable steps on two seams: the value in the store must never name a file that is not there.
    private func step(_ files: any FileSystem, _ store: any KeyValueStore, _ name: String) throws {
        let file = try files.create("/d/" + name)
        try Array(name.utf8).withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
        try files.syncDirectory("/d")
        var batch = WriteBatch()
        batch.put([1], Array(name.utf8))
        try store.write(batch, sync: true)
    }

    @Test(arguments: [true, false]) func aSweepMeetsEveryOperationAndEnds(before: Bool) throws {
        var touched: [String] = []
        for point in 0... {
            let machine = MemoryMachine()
            try machine.fileSystem.createDirectory("/d")
            try machine.fileSystem.syncDirectory("/")
            let plan = FaultPlan(before ? .crashBefore(point) : .crashAfter(point))
            let opener = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan)
            do {
                let store = try opener.open("/meta")
                try step(FaultyFileSystem(machine.fileSystem, plan: plan), store, "a")
                try step(FaultyFileSystem(machine.fileSystem, plan: plan), store, "b")
            } catch is CrashedError {}
            machine.crash(.seeded(UInt64(point)))
            let reopened = try machine.keyValueStores.open("/meta")
            if let name = try reopened.get([1]) {
                let path = "/d/" + String(decoding: name, as: UTF8.self)
                #expect(try machine.fileSystem.readAll(path) == name)
            }
            guard let operation = plan.touchedOperation else { break }
            touched.append("\(operation.seam.rawValue) \(operation.name)")
        }
        let one = ["file create", "file append", "file sync", "file sync folder", "keyValue write"]
        #expect(touched == ["keyValue open"] + one + one)
    }

    @Test func aFaultOfOneSeamPassesTheOthersBy() throws {
        let plan = FaultPlan()
        plan.restart(.failAfter(1), only: .keyValue)
        let files = FaultyFileSystem(MemoryFileSystem(), plan: plan)
        let store = try FaultyKeyValueStoreOpener(MemoryKeyValueStoreOpener(), plan: plan).open("/meta")
        try files.createDirectory("/d")
        try files.createDirectory("/e")
        var batch = WriteBatch()
        batch.put([1], [2])
        let error = #expect(throws: KeyValueStoreError.self) { try store.write(batch, sync: true) }
        #expect(error?.outcome == .unknown)
        #expect(try store.get([1]) == [2])
        try files.createDirectory("/f")
        #expect(plan.count == 2)
    }

    @Test func afterACrashEverythingThrowsUntilTheRestart() throws {
        let plan = FaultPlan(.crashBefore(0))
        let files = FaultyFileSystem(MemoryFileSystem(), plan: plan)
        let objects = FaultyObjectStore(MemoryObjectStore(), plan: plan)
        #expect(throws: CrashedError.self) { try files.createDirectory("/d") }
        #expect(throws: CrashedError.self) { _ = try files.list("/") }
        #expect(throws: CrashedError.self) { _ = try objects.head("x") }
        plan.restart()
        #expect(try files.list("/") == [])
    }

    @Test func oneFailureIsTheSeamsOwnErrorAndPasses() throws {
        let plan = FaultPlan(.fail(1))
        let store = MemoryObjectStore()
        let objects = FaultyObjectStore(store, plan: plan)
        try objects.put("a", from: BytesSource([1]))
        let error = #expect(throws: ObjectStoreError.self) { try objects.put("b", from: BytesSource([1])) }
        #expect(error?.isRetryable == true)
        try objects.put("b", from: BytesSource([1]))
        #expect(store.putCounts == ["a": 1, "b": 1])
        #expect(plan.wasTouched && plan.count == 3)
    }

    @Test func aLostAnswerHasHappened() throws {
        let plan = FaultPlan(.failAfter(0))
        let store = MemoryObjectStore()
        #expect(throws: ObjectStoreError.self) {
            try FaultyObjectStore(store, plan: plan).put("a", from: BytesSource([1]))
        }
        #expect(store.keys == ["a"])
    }

    @Test func onlyCountedOperationsAreHit() throws {
        let plan = FaultPlan(.fail(0), counts: { $0.seam == .object && $0.name == "get" })
        let objects = FaultyObjectStore(MemoryObjectStore(), plan: plan)
        try objects.put("a", from: BytesSource([1]))
        #expect(throws: ObjectStoreError.self) { _ = try objects.get("a", range: 0..<1) }
        #expect(try objects.get("a", range: 0..<1) == [1])
    }
}

struct EventLogTests {
    @Test func linesHaveSimulatedTimeAndSortedMetadata() throws {
        let scheduler = ManualScheduler()
        let log = EventLog(scheduler: scheduler)
        var logger = log.logger("be1")
        logger[metadataKey: "tablet"] = "15"
        try scheduler.advance(by: .milliseconds(1500))
        logger.info("publish", metadata: ["version": "2", "signature": "7"])
        logger.trace("not kept")
        log.note("crash be1")
        #expect(
            log.lines == ["1500ms be1 info publish signature=7 tablet=15 version=2", "1500ms harness notice crash be1"])
    }
}
