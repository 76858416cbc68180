public import Platform
internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

/// What differs between two states, one thing after the other. Memory: both states.
public struct MetadataDiff {
    public enum Change: String, Sendable {
        case onlyLeft = "-"
        case onlyRight = "+"
        case changed = "~"
    }

    /// One thing that is in one of them alone, or not the same in both.
    public struct Difference: Sendable {
        public var change: Change
        /// "table 10012 (flights)"
        public var name: String
        /// Of a changed thing: "- version: 3" and "+ version: 4", as proto/edit_log.proto names its members.
        public var details: [String]
    }

    private let left: ClusterState
    private let right: ClusterState
    private let out: (Difference) throws -> Void
    private var count: Int64 = 0

    /// Compares two meta dirs, or images, or one of each. - Returns: how many things differ.
    public static func run(
        _ left: MetadataSource, _ right: MetadataSource, _ progress: InspectionProgress = .none,
        _ out: @escaping (Difference) throws -> Void
    ) throws -> Int64 {
        var diff = MetadataDiff(left: try left.state(progress), right: try right.state(progress), out: out)
        try diff.run(progress)
        return diff.count
    }

    init(left: ClusterState, right: ClusterState, out: @escaping (Difference) throws -> Void) {
        self.left = left
        self.right = right
        self.out = out
    }

    mutating func run(_ progress: InspectionProgress = .none) throws {
        try compareNumber("epoch", left.epoch, right.epoch)
        try compareNumber("next id batch", left.idBatchEnd, right.idBatchEnd)
        try compare(left.backends, right.backends, \.id, \.record) { "backend \($0.id) (\($0.heartbeatAddress))" }
        try compare(left.databases, right.databases, \.id, \.record) { "database \($0.id) (\($0.name))" }
        try compare(left.resources, right.resources, \.name, \.record.withoutSecrets) {
            "storage resource \($0.name)"
        }
        try compare(left.policies, right.policies, \.name, \.record) { "storage policy \($0.name)" }
        try compare(left.tables, right.tables, \.id, \.record) { "table \($0.id) (\($0.name))" }
        try compare(left.transactions, right.transactions, \.id, \.record) { "transaction \($0.id) (\($0.label))" }
        try compare(left.backupJobs, right.backupJobs, \.id, \.record) { "backup job \($0.id)" }
        try compare(left.lives, right.lives, \.epoch, \.record) { "start of epoch \($0.epoch)" }
        try compare(left.endedAlters, right.endedAlters, \.id, \.record) { "ended change \($0.id)" }
        // Not what changed of a password: the lines would show both.
        try compare(left.users, right.users, \.name, \.record.withoutSecrets) { "user \($0.name)" }
        for user in left.users where right.user(named: user.name).map({ $0.password != user.password }) == true {
            try found(.changed, "password of user \(user.name)")
        }
        try compareFrontends()
        if left.older != right.older {
            try found(.changed, "older metadata", Self.lines(left.older.record, right.older.record))
        }
        if left.droppedResources != right.droppedResources { try found(.changed, "ids of dropped resources") }
        try compareTablets(progress)
    }

    private mutating func compareFrontends() throws {
        let (left, right) = (left.frontends, right.frontends)
        try compare(left.all, right.all, \.nodeName, \.record) { "frontend \($0.nodeName)" }
        if left.removedNames != right.removedNames {
            try found(.changed, "names of removed frontends", Self.changes(left.removedNames, right.removedNames))
        }
        if left.master != right.master {
            try found(
                .changed, "master",
                Self.lines(
                    left.master?.record ?? EditLogMasterInfoRecord(), right.master?.record ?? EditLogMasterInfoRecord())
            )
        }
        try compareNumber(
            "last timestamp", left.timestamp?.milliseconds ?? 0, right.timestamp?.milliseconds ?? 0)
    }

    private mutating func found(_ change: Change, _ name: String, _ details: [String] = []) throws {
        count += 1
        try out(Difference(change: change, name: name, details: details))
    }

    private mutating func compareNumber(_ name: String, _ left: Int64, _ right: Int64) throws {
        if left != right { try found(.changed, name, ["- \(left)", "+ \(right)"]) }
    }

    /// Both ascend by their keys, or nearly so.
    private mutating func compare<T: Hashable, Key: Hashable & Comparable>(
        _ left: [T], _ right: [T], _ key: (T) -> Key, _ record: (T) -> some Message, _ name: (T) -> String
    ) throws {
        let others = Dictionary(right.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(left.map(key))
        for one in left {
            guard let other = others[key(one)] else {
                try found(.onlyLeft, name(one))
                continue
            }
            guard one != other else { continue }
            let lines = Self.lines(record(one), record(other))
            try found(.changed, name(one), lines.isEmpty ? ["~ what is not shown: keys"] : lines)
        }
        for other in right where !known.contains(key(other)) { try found(.onlyRight, name(other)) }
    }

    /// Lines of their text that only one of them has.
    private static func lines(_ left: some Message, _ right: some Message) -> [String] {
        changes(textLines(left), textLines(right))
    }

    private static func changes(_ old: [String], _ new: [String]) -> [String] {
        let (gone, come) = (Set(old).subtracting(new), Set(new).subtracting(old))
        return old.filter(gone.contains).map { "- \(short($0))" } + new.filter(come.contains).map { "+ \(short($0))" }
    }

    private static func short(_ line: String) -> String {
        line.count > 200 ? "\(line.prefix(200))… (\(line.count) characters)" : line
    }

    private static func textLines(_ message: some Message) -> [String] {
        message.textFormatString().split(separator: "\n").map { line in String(line.drop { $0 == " " }) }
    }

    // MARK: Tablets

    private mutating func compareTablets(_ progress: InspectionProgress) throws {
        let total = Int64(left.tablets.count)
        var done: Int64 = 0
        var other = TabletCursor(right.tablets)
        let (leftTables, rightTables) = (Set(left.tables.map(\.id)), Set(right.tables.map(\.id)))
        let (left, right) = (left.tablets, right.tablets)
        try left.forEach { tablet, replicas in
            done += 1
            progress.step("comparing tablets", done, total)
            guard other.seek(tablet.id) else {
                // Those of a table that is not there at all are told by that.
                if rightTables.contains(tablet.tableID) { try found(.onlyLeft, "tablet \(tablet.id)") }
                return
            }
            try compare(tablet, Array(replicas), with: other)
        }
        var own = TabletCursor(left)
        try right.forEach { tablet, _ in
            if !own.seek(tablet.id), leftTables.contains(tablet.tableID) {
                try found(.onlyRight, "tablet \(tablet.id)")
            }
        }
    }

    private mutating func compare(_ tablet: Tablet, _ replicas: [Replica], with other: TabletCursor) throws {
        let theirs = (0..<other.replicaCount).map { other.replica(at: $0) }
        if replicas == theirs, tablet.isWhere(other.tablet) { return }
        var details: [String] = []
        if tablet.words != other.tablet.words { details += ["- \(tablet.words)", "+ \(other.tablet.words)"] }
        let (old, new) = (replicas.map(\.words), theirs.map(\.words))
        if old != new {
            details += old.filter { !new.contains($0) }.map { "- \($0)" }
            details += new.filter { !old.contains($0) }.map { "+ \($0)" }
        }
        if !details.isEmpty { try found(.changed, "tablet \(tablet.id)", details) }
    }
}

/// Where a state to compare comes from.
public enum MetadataSource {
    /// Newest image and journal.
    case folder(MetadataFolder)
    /// One image file, as it is.
    case image(path: String, any FileSystem)

    func state(_ progress: InspectionProgress) throws -> ClusterState {
        switch self {
        case .folder(let folder): try folder.replayed(progress)
        case .image(let path, let files): try ImageReader.read(path, from: files).state
        }
    }
}

extension Tablet {
    /// Of the same table, partition and index, and cooled by the same replica.
    fileprivate func isWhere(_ other: Tablet) -> Bool {
        tableID == other.tableID && partitionID == other.partitionID && indexID == other.indexID
            && cooldownConf == other.cooldownConf
    }

    fileprivate var words: String {
        "table \(tableID), partition \(partitionID), index \(indexID), cooled by \(cooldownReplicaID) in term \(cooldownTerm)"
    }
}

extension Replica {
    /// What of it is journaled.
    fileprivate var words: String {
        "replica \(id) on backend \(backendID): \(state)\(isBad ? ", bad" : ""), version \(versions.version), failed "
            + "\(versions.lastFailed), succeeded \(versions.lastSuccess)"
    }
}
