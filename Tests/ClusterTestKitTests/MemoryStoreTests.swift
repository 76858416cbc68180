import ClusterTestKit
import Platform
import PlatformContracts
import TabletModel
import Testing

struct MemoryKeyValueStoreTests {
    @Test(arguments: KeyValueStoreContract.allCases)
    func keepsTheContract(_ contract: KeyValueStoreContract) throws {
        try contract.check(MemoryKeyValueStoreOpener(), path: "/meta")
    }

    @Test func aCrashTakesBatchesThatWereNotSynced() throws {
        let opener = MemoryKeyValueStoreOpener()
        let store = try opener.open("/meta")
        try store.write(batch { $0.put([1], [1]) }, sync: true)
        try store.write(
            batch {
                $0.put([1], [2]); $0.put([2], [2]); $0.deleteRange(from: [0], to: [9])
            }, sync: false)
        try store.write(batch { $0.put([3], [3]) }, sync: false)
        opener.crash()
        #expect(throws: KeyValueStoreError.self) { _ = try store.get([1]) }
        #expect(opener.entries("/meta").map(\.key) == [[1]])
        #expect(try opener.open("/meta").get([1]) == [1])
    }

    @Test func aSyncedBatchKeepsThoseBeforeIt() throws {
        let opener = MemoryKeyValueStoreOpener()
        let store = try opener.open("/meta")
        try store.write(batch { $0.put([1], [1]) }, sync: false)
        try store.write(batch { $0.put([2], [2]) }, sync: true)
        opener.crash()
        #expect(opener.entries("/meta").map(\.key) == [[1], [2]])
    }

    @Test func aSeededCrashKeepsTheFirstBatches() throws {
        var counts: Set<Int> = []
        for seed in UInt64(0)..<50 {
            let opener = MemoryKeyValueStoreOpener()
            let store = try opener.open("/meta")
            for key in UInt8(0)..<5 { try store.write(batch { $0.put([key], []) }, sync: false) }
            opener.crash(.seeded(seed))
            let keys = opener.entries("/meta").map(\.key[0])
            #expect(keys == Array(0..<UInt8(keys.count)))
            counts.insert(keys.count)
        }
        #expect(counts == [0, 1, 2, 3, 4, 5])
    }

    private func batch(_ fill: (inout WriteBatch) -> Void) -> WriteBatch {
        var batch = WriteBatch()
        fill(&batch)
        return batch
    }
}

struct MemoryObjectStoreTests {
    @Test func keepsTheContract() throws {
        try ObjectStoreContract(MemoryObjectStore(), largeBytes: 100_000).checkAll()
        try ObjectStoreContract(MemoryObjectStore(pageSize: 3), largeBytes: 100_000).checkAll()
    }

    @Test func itRemembersEveryPut() throws {
        let store = MemoryObjectStore()
        try store.put("a", from: BytesSource([1]))
        try store.put("a", from: BytesSource([2]))
        try store.put("b", from: BytesSource([]))
        #expect(store.putCounts == ["a": 2, "b": 1])
        #expect(store.overwrittenKeys == ["a"])
        try store.delete(["a", "zzz"])
        #expect(store.deletedKeys == ["a"])
        #expect(store.keys == ["b"])
    }

    @Test func theHookAnswersForTheStore() throws {
        let store = MemoryObjectStore()
        store.setHook { operation in
            if case .put = operation {
                throw ObjectStoreError(.throttled, operation: "PUT", key: "a", httpStatus: 503, message: "slow down")
            }
        }
        #expect(throws: ObjectStoreError.self) { try store.put("a", from: BytesSource([1])) }
        #expect(store.keys.isEmpty)
    }

    @Test func theProviderGivesOneStoreForOnePlace() throws {
        let provider = MemoryObjectStoreProvider()
        provider.require(accessKey: "k", secretKey: "s")
        var resource = S3Resource(endpoint: "http://s3", accessKey: "k", secretKey: "s", bucket: "b", rootPath: "/r/")
        try provider.store(for: resource).put("x", from: BytesSource([1]))
        resource.rootPath = "r"
        #expect(provider.memoryStore(for: resource).keys == ["x"])
        resource.rootPath = "other"
        #expect(provider.memoryStore(for: resource).keys == [])
        resource.secretKey = "hidden"
        let error = #expect(throws: ObjectStoreError.self) { _ = try provider.store(for: resource) }
        #expect(error?.code == .accessDenied && error?.description.contains("hidden") == false)
        resource.secretKey = "s"
        provider.removeBucket("b")
        #expect(throws: ObjectStoreError.self) { _ = try provider.store(for: resource) }
    }
}
