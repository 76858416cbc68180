import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct TabletMemoryTests {
    private static let tablets = 20_000
    private static let tabletsPerTable = 400

    /// Tables over 100 backends with four disks each, at the versions of their loads.
    private func cluster() -> ClusterState {
        var state = ClusterState()
        let backends = (0..<100).map { BackendID(Int64(10_001 + $0 * 7)) }
        for id in backends { state.apply(.addBackend(Backend(id: id, host: "h\(id)", heartbeatPort: 9050))) }
        var next: Int64 = 1_000_000
        var turn = 0
        for table in 0..<Self.tablets / Self.tabletsPerTable {
            let tableID = next
            next += 3
            let placements = (0..<Self.tabletsPerTable).map { _ in
                let tablet = next
                next += 4
                turn += 1
                return TabletPlacement(
                    tabletID: TabletID(tablet),
                    replicas: (0..<3).map {
                        .init(
                            replicaID: ReplicaID(tablet + 1 + Int64($0)),
                            backendID: backends[(turn * 37 + $0 * 31) % 100])
                    })
            }
            let index = MaterializedIndex(
                id: IndexID(tableID + 2), schemaHash: 77, tabletIDs: placements.map(\.tabletID))
            let partition = Partition(
                id: PartitionID(tableID + 1), name: "p", visibleVersion: Version(Int64(5 + table * 1000)),
                indexes: [index])
            state.apply(
                .createTable(
                    Table(
                        id: TableID(tableID), databaseID: 1, name: "t\(table)", state: .normal, delimiter: 44,
                        hasHeader: false, columns: [], distributionColumn: 0,
                        bucketCount: Int32(Self.tabletsPerTable), replicationCount: 3,
                        createdAt: UnixTime(seconds: 0), partitions: [partition]), placements))
        }
        return state
    }

    /// Every backend reports all that it has.
    private func report(_ state: inout ClusterState, _ random: SeededRandom, isCold: Bool = false) {
        var rows: [BackendID: [TabletReportRow]] = [:]
        state.tablets.forEach { tablet, replicas in
            for replica in replicas {
                rows[replica.backendID, default: []].append(row(tablet, replica, random, isCold))
            }
        }
        for (backend, rows) in rows { state.takeFacts(of: rows, from: backend) }
    }

    private func row(
        _ tablet: Tablet, _ replica: Replica, _ random: SeededRandom, _ isCold: Bool
    ) -> TabletReportRow {
        let held = tablet.id.rawValue
        var row = TabletReportRow(tabletID: tablet.id, schemaHash: 77, version: replica.versions.version)
        row.dataSizeBytes = Int64(random.next(below: 1 << 36))
        row.rowCount = Int64(random.next(below: 1 << 32))
        row.pathHash = replica.backendID.rawValue &* 0x1E37_79B9_7F4A_7C15 &+ Int64(random.next(below: 4))
        row.versionCount = Int64(1 + random.next(below: 30))
        guard isCold else { return row }
        row.remoteDataSizeBytes = Int64(random.next(below: 1 << 36))
        row.isCooldown = true
        row.cooldownReplicaID = ReplicaID(held + 1)
        row.cooldownTerm = 1 + held % 4
        row.cooldownMetaID = UniqueID(
            high: held &* 0x1E37_79B9_7F4A_7C15, low: held &* -0x61C8_8646_80B5_83EB)
        return row
    }

    private func expect(
        _ state: ClusterState, tablet: Double, replica: Double, _ place: SourceLocation = #_sourceLocation
    ) {
        let bytes = state.tabletMemoryBytes
        #expect(state.tablets.replicaCount == Self.tablets * 3, sourceLocation: place)
        #expect(Double(bytes.tablets) / Double(Self.tablets) <= tablet, sourceLocation: place)
        #expect(Double(bytes.replicas) / Double(Self.tablets * 3) <= replica, sourceLocation: place)
    }

    @Test func aClusterAtRestIsSmall() {
        var state = cluster()
        expect(state, tablet: 16, replica: 4)
        let random = SeededRandom(seed: 5)
        report(&state, random)
        expect(state, tablet: 16, replica: 24)
        // The promise is 40 and 48; cold replicas have a remote meta each, too.
        report(&state, random, isCold: true)
        expect(state, tablet: 16, replica: 48)
    }

    /// What was published or has failed leaves nothing behind once it is over.
    @Test func loadsLeaveNothingBehind() {
        var state = cluster()
        let random = SeededRandom(seed: 6)
        report(&state, random)
        let before = state.tabletMemoryBytes
        for round in Int64(1)...5 {
            for table in state.tables {
                var transaction = Transaction(
                    id: TransactionID(table.id.rawValue * 10 + round), databaseID: 1, tableID: table.id,
                    label: "l\(round)", timeoutMs: 1000, preparedAt: UnixTime(seconds: 0), deleteCondition: "")
                state.apply(.upsertTransaction(transaction))
                let partition = table.partitions[0]
                let version = state.table(table.id)!.partitions[0].nextVersion
                transaction.partitions = [.init(partitionID: partition.id, version: version)]
                transaction.state = .committed
                state.apply(.upsertTransaction(transaction))
                transaction.state = .visible
                state.apply(.upsertTransaction(transaction))
            }
        }
        report(&state, random)
        let after = state.tabletMemoryBytes
        #expect(after.replicas < before.replicas * 11 / 10)
        #expect(after.tablets < before.tablets * 11 / 10)
    }

    #if canImport(Glibc)
        /// The arithmetic agrees with the allocator.
        @Test(arguments: [1, 2, 3, 100, 257, 5000])
        func bytesAreCountedAsTheAllocatorDoes(count: Int) throws {
            // Glibc's module leaves it out.
            let address = try #require(dlsym(nil, "malloc_usable_size"))
            let usableSize = unsafeBitCast(address, to: (@convention(c) (UnsafeRawPointer) -> Int).self)
            let array = [UInt64](unsafeUninitializedCapacity: count) { words, initialized in
                words.initialize(repeating: 7)
                initialized = count
            }
            let usable = array.withUnsafeBufferPointer {
                usableSize(UnsafeRawPointer($0.baseAddress!) - 32)
            }
            #expect(allocatedBytes(arrayOf: array.capacity * 8) == usable + 8)
        }
    #endif
}
