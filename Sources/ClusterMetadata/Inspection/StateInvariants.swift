internal import TabletModel

/// What must be true of a state at rest, beyond what its types say.
struct StateInvariants {
    private static let listed = 1000

    let state: ClusterState
    private(set) var problems: [String] = []
    private(set) var problemCount: Int64 = 0
    private(set) var notes: [String] = []

    init(state: ClusterState) { self.state = state }

    mutating func run(_ progress: InspectionProgress = .none) {
        checkCluster()
        for table in state.tables { check(table) }
        checkTablets(progress)
        for transaction in state.transactions { check(transaction) }
    }

    private mutating func found(_ text: @autoclosure () -> String) {
        problemCount += 1
        if problems.count < Self.listed { problems.append(text()) }
    }

    private mutating func checkID(_ id: Int64, _ name: @autoclosure () -> String) {
        let end = state.idBatchEnd
        if id >= end { found("\(name()) has an id that was never given out: ids end below \(end)") }
    }

    // MARK: What there is little of

    private mutating func checkCluster() {
        for backend in state.backends { checkID(backend.id.rawValue, "backend \(backend.id)") }
        for database in state.databases { checkID(database.id.rawValue, "database \(database.name)") }
        for resource in state.resources { checkID(resource.id, "storage resource \(resource.name)") }
        for policy in state.policies {
            checkID(policy.id, "storage policy \(policy.name)")
            if state.resource(named: policy.resource) == nil {
                found("storage policy \(policy.name) points to the resource \(policy.resource), which is not there")
            }
        }
        for job in state.backupJobs { checkID(job.id, "backup job \(job.id)") }
        checkFrontends()
        for (before, after) in zip(state.lives, state.lives.dropFirst()) where before.epoch >= after.epoch {
            found("the start of epoch \(after.epoch) stands behind that of epoch \(before.epoch)")
        }
        if let last = state.lives.last, last.epoch > state.epoch {
            let epoch = state.epoch
            found("the epoch is \(epoch), and the last start has epoch \(last.epoch)")
        }
    }

    private mutating func checkFrontends() {
        let frontends = state.frontends.all
        for (place, frontend) in frontends.enumerated() {
            let name = "frontend \(frontend.nodeName)"
            if state.frontends.removedNames.contains(frontend.nodeName) {
                found("\(name) is registered, and its name is that of a removed one")
            }
            if let other = frontends[..<place].first(where: { $0.address == frontend.address }) {
                found("\(name) is registered at \(frontend.address), as is \(other.nodeName)")
            }
        }
        if !frontends.isEmpty, !frontends.contains(where: { $0.role == .follower }) {
            found("no frontend is a follower: none can become master")
        }
    }

    private mutating func check(_ table: Table) {
        let name = "table \(table.id) (\(table.name))"
        checkID(table.id.rawValue, name)
        if state.database(table.databaseID) == nil {
            found("\(name) is in database \(table.databaseID), which is not there")
        }
        if state.table(named: table.name, in: table.databaseID)?.id != table.id {
            found("\(name) is not the table that its name leads to: two have it")
        }
        if let policy = table.storagePolicy, state.policy(named: policy) == nil {
            found("\(name) has the storage policy \(policy), which is not there")
        }
        for partition in table.partitions {
            checkID(partition.id.rawValue, "partition \(partition.id) of \(name)")
            if partition.visibleVersion >= partition.nextVersion {
                found(
                    "partition \(partition.id) of \(name) shows version \(partition.visibleVersion), and the next load gets "
                        + "\(partition.nextVersion)")
            }
            for index in partition.indexes { check(index, of: partition, in: table, name) }
        }
    }

    private mutating func check(_ index: MaterializedIndex, of partition: Partition, in table: Table, _ name: String) {
        checkID(index.id.rawValue, "index \(index.id) of \(name)")
        if index.state == .shadow, table.alter == nil {
            found("index \(index.id) of \(name) is of a change that does not run")
        }
        // While it is being made not all of them need be there.
        guard table.state != .creating else { return }
        var cursor = TabletCursor(state.tablets)
        for id in index.tabletIDs where !cursor.seek(id) {
            found("tablet \(id) of \(name) is not there: index \(index.id) of partition \(partition.id) names it")
        }
    }

    private mutating func check(_ transaction: Transaction) {
        let name = "transaction \(transaction.id) (\(transaction.label))"
        checkID(transaction.id.rawValue, name)
        guard !transaction.state.isFinal else { return }
        guard let table = state.table(transaction.tableID) else {
            notes.append(
                "\(name) is \(transaction.state) for table \(transaction.tableID), which was dropped: it ends at a start"
            )
            return
        }
        for taken in transaction.partitions where table.partition(taken.partitionID) == nil {
            found("\(name) has a version of partition \(taken.partitionID), which table \(table.id) does not have")
        }
    }

    // MARK: What there are millions of

    private mutating func checkTablets(_ progress: InspectionProgress) {
        let owners = Owners(state)
        let (end, total) = (state.idBatchEnd, Int64(state.tablets.count))
        let backends = Set(state.backends.map(\.id))
        var done: Int64 = 0
        state.tablets.forEach { tablet, replicas in
            done += 1
            progress.step("checking tablets", done, total)
            if tablet.id.rawValue >= end { checkID(tablet.id.rawValue, "tablet \(tablet.id)") }
            if let wrong = owners.whatIsWrong(with: tablet) { found("tablet \(tablet.id): \(wrong)") }
            for replica in replicas {
                if replica.id.rawValue >= end {
                    checkID(replica.id.rawValue, "replica \(replica.id) of tablet \(tablet.id)")
                }
                if !backends.contains(replica.backendID) {
                    found("tablet \(tablet.id) has a replica on backend \(replica.backendID), which is not there")
                }
            }
        }
    }
}

/// Which index has which tablets, as the tables say.
private struct Owners {
    private struct Owner {
        var table: TableID
        var partition: PartitionID
        var index: IndexID
        var ascending: [TabletID]
    }
    private var byIndex: [IndexID: Owner] = [:]
    private let state: ClusterState

    init(_ state: ClusterState) {
        self.state = state
        for table in state.tables {
            for partition in table.partitions {
                for index in partition.indexes {
                    byIndex[index.id] = Owner(
                        table: table.id, partition: partition.id, index: index.id, ascending: index.tabletIDs.sorted())
                }
            }
        }
    }

    func whatIsWrong(with tablet: Tablet) -> String? {
        guard let owner = byIndex[tablet.indexID] else {
            return state.table(tablet.tableID) == nil
                ? "its table \(tablet.tableID) is not there" : "its index \(tablet.indexID) is not there"
        }
        if owner.table != tablet.tableID {
            return "its index is of table \(owner.table), it names table \(tablet.tableID)"
        }
        if owner.partition != tablet.partitionID {
            return "its index is of partition \(owner.partition), it names partition \(tablet.partitionID)"
        }
        let place = owner.ascending.lowerBound(of: tablet.id)
        guard place < owner.ascending.count, owner.ascending[place] == tablet.id else {
            return "its index \(owner.index) does not name it"
        }
        return nil
    }
}
