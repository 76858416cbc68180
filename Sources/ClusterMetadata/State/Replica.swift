public import TabletModel

/// One copy of a tablet: plain bytes, so that three million of them are a few hundred arrays.
///
/// The first group is journaled; the second comes from reports, lives in memory only and is unset after a restart.
public struct Replica: Hashable, Sendable {
    public let id: ReplicaID
    public var versions: ReplicaVersions {
        didSet { if versions.version > oldValue.version { flags.remove(.current) } }
    }

    /// Bytes on local disks.
    public var dataSizeBytes: Int64 = 0
    public var remoteSizeBytes: Int64 = 0
    public var rowCount: Int64 = 0
    /// Which data dir holds it; 0 until reported.
    public var pathHash: Int64 = 0
    /// The uploader this replica follows, as it says; -1 until reported.
    public var reportedCooldownReplicaID: ReplicaID = -1
    public var reportedCooldownTerm: Int64 = -1
    private var cooldownMetaHigh: Int64 = 0
    private var cooldownMetaLow: Int64 = 0
    /// Backend id in 40 bits, version count in 16, flags in 8: eight bytes less in each of millions.
    private var packed: UInt64

    /// Highest backend id there can be: ids come from one counter, which takes ages to get there.
    public static let maxBackendID = BackendID(rawValue: (1 << 40) - 1)

    /// - Precondition: `backendID` is in 0...`maxBackendID`; `MetadataStore.addBackend` lets no other in.
    public init(
        id: ReplicaID, backendID: BackendID, versions: ReplicaVersions, isBad: Bool = false, state: State = .normal
    ) {
        precondition((0...Self.maxBackendID.rawValue).contains(backendID.rawValue), "backend id out of range")
        self.id = id
        self.versions = versions
        packed = UInt64(backendID.rawValue) << 24
        self.state = state
        self.isBad = isBad
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

    @inline(__always) public var backendID: BackendID { BackendID(Int64(packed >> 24)) }

    /// Rowset versions that the replica holds, as reported; more than 65,535 are shown as that.
    public var versionCount: Int32 {
        get { Int32(packed >> 8 & 0xFFFF) }
        set { packed = packed & ~0xFFFF00 | UInt64(UInt16(clamping: newValue)) << 8 }
    }

    private var flags: Flags {
        get { Flags(rawValue: UInt8(truncatingIfNeeded: packed)) }
        set { packed = packed & ~0xFF | UInt64(newValue.rawValue) }
    }

    private struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let bad = Flags(rawValue: 1)
        static let missing = Flags(rawValue: 2)
        static let reported = Flags(rawValue: 4)
        static let current = Flags(rawValue: 8)
        static let stateShift: UInt8 = 4
    }

    /// Its data is lost or damaged: it counts for nothing until it is whole again.
    public var isBad: Bool {
        get { flags.contains(.bad) }
        set { if newValue { flags.insert(.bad) } else { flags.remove(.bad) } }
    }

    /// The last report said that a version is missing.
    public var isReportedMissing: Bool {
        get { flags.contains(.missing) }
        set { if newValue { flags.insert(.missing) } else { flags.remove(.missing) } }
    }

    /// A report has shown it since the FE started, so the second group of members means something.
    public var isReported: Bool {
        get { flags.contains(.reported) }
        set { if newValue { flags.insert(.reported) } else { flags.remove(.reported) } }
    }

    /// What reports said is of the version that the replica has by now, not of one before it.
    public var isReportCurrent: Bool {
        get { flags.contains(.current) }
        set { if newValue { flags.insert(.current) } else { flags.remove(.current) } }
    }

    public var state: State {
        get { State(rawValue: flags.rawValue >> Flags.stateShift) ?? .normal }
        set {
            let kept = flags.rawValue & ((1 << Flags.stateShift) - 1)
            flags = Flags(rawValue: kept | (newValue.rawValue << Flags.stateShift))
        }
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
