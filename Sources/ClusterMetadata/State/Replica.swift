public import TabletModel

/// One copy of a tablet, as it is handed out: `PackedTablets` keeps millions of them at a few bytes each.
///
/// The first group is journaled; the second comes from reports, lives in memory only and is unset after a restart.
public struct Replica: Hashable, Sendable {
    public let id: ReplicaID
    public let backendID: BackendID
    var health: ReplicaHealth

    /// Bytes on local disks.
    public var dataSizeBytes: Int64 = 0
    public var remoteSizeBytes: Int64 = 0
    public var rowCount: Int64 = 0
    /// Which data dir holds it; 0 until reported.
    public var pathHash: Int64 = 0
    /// Rowset versions that the replica holds, as reported.
    public var versionCount: Int32 = 0
    /// The uploader this replica follows, as it says; -1 until reported.
    public var reportedCooldownReplicaID: ReplicaID = -1
    public var reportedCooldownTerm: Int64 = -1
    var cooldownMetaHigh: Int64 = 0
    var cooldownMetaLow: Int64 = 0

    /// Highest backend id there can be: ids come from one counter, which takes ages to get there.
    public static let maxBackendID = BackendID(rawValue: (1 << 40) - 1)

    /// - Precondition: `backendID` is in 0...`maxBackendID`; `MetadataStore.addBackend` lets no other in.
    public init(
        id: ReplicaID, backendID: BackendID, versions: ReplicaVersions, isBad: Bool = false, state: State = .normal
    ) {
        precondition((0...Self.maxBackendID.rawValue).contains(backendID.rawValue), "backend id out of range")
        self.id = id
        self.backendID = backendID
        health = ReplicaHealth(versions: versions, state: state)
        if isBad { health.flags.insert(.bad) }
    }

    init(id: ReplicaID, backendID: BackendID, health: ReplicaHealth) {
        self.id = id
        self.backendID = backendID
        self.health = health
    }

    /// `Replica.ReplicaState` of Doris.
    public enum State: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        case normal = 0
        case clone = 1
        case schemaChange = 2
        case alter = 3
        case decommission = 4

        public var description: String {
            switch self {
            case .normal: "NORMAL"
            case .clone: "CLONE"
            case .schemaChange: "SCHEMA_CHANGE"
            case .alter: "ALTER"
            case .decommission: "DECOMMISSION"
            }
        }
    }

    public var versions: ReplicaVersions {
        get { health.versions }
        set { health.versions = newValue }
    }

    /// Its data is lost or damaged: it counts for nothing until it is whole again.
    public var isBad: Bool {
        get { health.isBad }
        set { health.isBad = newValue }
    }

    public var state: State {
        get { health.state }
        set { health.state = newValue }
    }

    /// The last report said that a version is missing.
    public var isReportedMissing: Bool {
        get { health.flags.contains(.missing) }
        set { health.flags.set(.missing, newValue) }
    }

    /// A report has shown it since the FE started, so the second group of members means something.
    public var isReported: Bool {
        get { health.flags.contains(.reported) }
        set { health.flags.set(.reported, newValue) }
    }

    /// What reports said is of the version that the replica has by now, not of one before it.
    public var isReportCurrent: Bool {
        get { health.flags.contains(.current) }
        set { health.flags.set(.current, newValue) }
    }

    /// The remote meta it stands on, as reported. The all-zero id stands for none.
    public var cooldownMetaID: UniqueID? {
        get {
            cooldownMetaHigh == 0 && cooldownMetaLow == 0
                ? nil : UniqueID(high: cooldownMetaHigh, low: cooldownMetaLow)
        }
        set {
            cooldownMetaHigh = newValue?.high ?? 0
            cooldownMetaLow = newValue?.low ?? 0
        }
    }

    /// Takes over what a report says of it, versions and health aside: those are decisions and go through the journal.
    public mutating func takeFacts(of row: TabletReportRow) {
        dataSizeBytes = row.dataSizeBytes
        remoteSizeBytes = row.remoteDataSizeBytes
        rowCount = row.rowCount
        pathHash = row.pathHash
        versionCount = Int32(clamping: row.versionCount)
        reportedCooldownReplicaID = row.cooldownReplicaID ?? -1
        reportedCooldownTerm = row.cooldownTerm
        cooldownMetaID = row.cooldownMetaID
        isReportedMissing = row.versionMiss
        isReported = true
        isReportCurrent = row.version >= versions.version
    }

    /// Would `takeFacts(of:)` leave it as it is?
    public func matchesFacts(of row: borrowing TabletReportRow) -> Bool {
        dataSizeBytes == row.dataSizeBytes && remoteSizeBytes == row.remoteDataSizeBytes && rowCount == row.rowCount
            && pathHash == row.pathHash && versionCount == Int32(clamping: row.versionCount)
            && reportedCooldownReplicaID == (row.cooldownReplicaID ?? -1) && reportedCooldownTerm == row.cooldownTerm
            && cooldownMetaID == row.cooldownMetaID && isReportedMissing == row.versionMiss && isReported
            && isReportCurrent == (row.version >= versions.version)
    }
}

/// Names one replica: a tablet has at most one on a backend.
public struct ReplicaKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var tabletID: TabletID
    public var backendID: BackendID

    @inlinable public init(tabletID: TabletID, backendID: BackendID) {
        self.tabletID = tabletID
        self.backendID = backendID
    }

    @inlinable public static func < (left: Self, right: Self) -> Bool {
        (left.tabletID, left.backendID) < (right.tabletID, right.backendID)
    }

    public var description: String { "tablet \(tabletID) on backend \(backendID)" }
}
