import EtcdClient
import ServerFixtures
import TabletModel
import Testing

/// Against real etcd.
@Suite struct EtcdServerTests {
    private func put(_ client: EtcdClient, _ key: String, _ value: String, leaseID: Int64 = 0) throws -> Int64 {
        let answer = try client.transaction(
            EtcdTransaction(compares: [], success: [.put(key, Array(value.utf8), leaseID: leaseID)]))
        return answer.revision
    }

    private func failure(_ body: () throws -> Void) throws -> EtcdError {
        try #require(#expect(throws: EtcdError.self) { try body() })
    }

    @Test func keysAreReadAsTheyWerePut() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        #expect(try client.value(of: "p/a") == nil)
        let created = try put(client, "p/a", "1")
        let changed = try put(client, "p/a", "2")
        _ = try put(client, "p/b", "")
        _ = try put(client, "q", "other")
        let all = try client.range(EtcdRangeQuery(.prefix("p/")))
        #expect(all.values.map(\.key) == ["p/a", "p/b"])
        #expect(all.values[0].createRevision == created && all.values[0].modifyRevision == changed)
        #expect(all.values[0].value == Array("2".utf8) && all.values[1].value == [])
        let page = try client.range(EtcdRangeQuery(.prefix("p/"), limit: 1, keysOnly: true))
        #expect(page.hasMore && page.values.map(\.key) == ["p/a"] && page.values[0].value == [])
        try client.delete(.prefix("p/"))
        #expect(try client.range(EtcdRangeQuery(.prefix("p/"))).values.isEmpty)
        try client.compact(upTo: changed)
        try client.compact(upTo: changed)
        #expect(try client.status().version.hasPrefix("3."))
        #expect(try client.members().map(\.name) == ["n0"])
        #expect(try client.alarms().isEmpty)
    }

    @Test func aTransactionGoesOneWayOrTheOther() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        let transaction = EtcdTransaction(
            compares: [.isAbsent("k")], success: [.put("k", [0xFF, 0])],
            failure: [.get(EtcdRangeQuery(.key("none"))), .get(EtcdRangeQuery(.key("k")))])
        let first = try client.transaction(transaction)
        #expect(first.succeeded)
        let second = try client.transaction(transaction)
        #expect(!second.succeeded)
        #expect(second.reads.map { $0.map(\.value) } == [[], [[0xFF, 0]]])
        #expect(second.reads[1][0].createRevision == first.revision)
        // The value of a key that is not there equals nothing.
        let absent = EtcdTransaction(compares: [.value("none", [])], success: [.put("x", [])])
        #expect(try !client.transaction(absent).succeeded)
    }

    @Test func whatIsTooLargeIsRefusedAndNothingIsDone() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        for bytes in [1_600_000, 4_000_000] {
            let error = try failure {
                _ = try client.transaction(
                    EtcdTransaction(compares: [], success: [.put("k", [UInt8](repeating: 7, count: bytes))]))
            }
            #expect(error.code == .tooLarge && !error.isOutcomeUnknown, "\(error)")
        }
        let million = [UInt8](repeating: 7, count: 1 << 20)
        _ = try client.transaction(EtcdTransaction(compares: [], success: [.put("k", million)]))
        #expect(try client.value(of: "k")?.value == million)
    }

    @Test func aLeaseTakesItsKeysAlong() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        let lease = try client.grantLease(life: .seconds(30))
        #expect(lease.life == .seconds(30))
        _ = try put(client, "leader", "me", leaseID: lease.id)
        #expect(try client.value(of: "leader")?.leaseID == lease.id)
        #expect(try client.keepLeaseAlive(lease.id) == .seconds(30))
        try client.revokeLease(lease.id)
        try client.revokeLease(lease.id)
        #expect(try client.value(of: "leader") == nil)
        #expect(try failure { _ = try client.keepLeaseAlive(lease.id) }.code == .leaseGone)
    }

    @Test func aWatchTellsChangesInOrder() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        let start = try put(client, "w/a", "1")
        let watch = try client.watch(.prefix("w/"), from: start)
        _ = try put(client, "other", "")
        try client.delete(.key("w/a"))
        _ = try client.transaction(
            EtcdTransaction(compares: [], success: [.put("w/b", [1]), .put("w/c", [2])]))
        var told: [String] = []
        while told.count < 4, let tidings = try watch.next(upTo: .seconds(10)) {
            for event in tidings.events {
                switch event {
                case .put(let pair): told.append("\(pair.key)=\(pair.value)")
                case .delete(let key, let revision):
                    #expect(revision == start + 2)
                    told.append("\(key) gone")
                }
            }
        }
        #expect(told == ["w/a=[49]", "w/a gone", "w/b=[1]", "w/c=[2]"])
        #expect(try watch.next(upTo: .milliseconds(10)) == nil)
        etcd.kill(0)
        #expect(try failure { while try watch.next(upTo: .seconds(10)) != nil {} }.code == .unavailable)
    }

    @Test func aWatchOfWhatIsCompactedSaysSo() throws {
        let etcd = try EtcdServers()
        let client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        _ = try put(client, "a", "1")
        let last = try put(client, "a", "2")
        try client.compact(upTo: last)
        let watch = try client.watch(.key("a"), from: 1)
        let error = try failure { while try watch.next(upTo: .seconds(10)) != nil {} }
        #expect(error.code == .compacted)
        #expect(error.message.contains("\(last)"))
    }
}
