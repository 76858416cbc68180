internal import ClusterMetadata
internal import TabletModel

/// A tablet with what its table wants of it, as the state is at one moment.
struct RepairSubject: Hashable, Sendable {
    var tablet: Tablet
    /// In replica-id order.
    var replicas: [Replica]
    var visible: Version
    /// The table's replication count.
    var wanted: Int
    var schemaHash: SchemaHash
    /// The table's: its replicas are on members of this cluster, on different shards. nil: anywhere.
    var cluster: String?

    /// nil for a tablet that is gone, or whose table is still being made, or that an alter fills.
    init?(_ id: TabletID, in state: ClusterState) {
        guard let tablet = state.tablets.tablet(id), let table = state.table(tablet.tableID), table.state == .normal,
            let partition = table.partition(tablet.partitionID), let index = partition.index(tablet.indexID),
            index.state == .normal
        else { return nil }
        self.init(
            tablet: tablet, replicas: state.tablets.replicas(of: id), visible: partition.visibleVersion,
            wanted: Int(table.replicationCount), schemaHash: index.schemaHash)
        cluster = table.cluster
    }

    init(tablet: Tablet, replicas: [Replica], visible: Version, wanted: Int, schemaHash: SchemaHash) {
        self.tablet = tablet
        self.replicas = replicas
        self.visible = visible
        self.wanted = wanted
        self.schemaHash = schemaHash
    }

    var id: TabletID { tablet.id }

    func health(_ facts: RepairFacts) -> TabletHealth {
        TabletHealth(replicas, visible: visible, wanted: wanted, facts: facts)
    }
}

/// One CLONE: which replica is made whole, and from whom.
struct CloneOperation: Hashable, Sendable {
    enum Target: Hashable, Sendable {
        /// A replica that has data already is brought up to date.
        case inPlace(ReplicaID)
        /// A replica of state CLONE that an earlier attempt left.
        case resumed(ReplicaID)
        /// A replica that is yet to be registered.
        case new
    }

    var tabletID: TabletID
    var target: Target
    var destination: DiskPlace
    /// Best first; the clone takes from each what it lacks.
    var sources: [BackendID]
    /// The disk that is expected to do the reading.
    var source: DiskPlace
    /// Every version up to here must be there afterwards.
    var version: Version
    /// How long it may take.
    var lease: Duration

    /// The disks at work, each once.
    var places: [DiskPlace] { source == destination ? [source] : [source, destination] }
    /// Its replica counts for nothing until the clone has ended well.
    var isMaking: Bool { if case .inPlace = target { false } else { true } }
}

/// What is to be done about a tablet now.
enum RepairDecision: Hashable, Sendable {
    case clone(CloneOperation)
    /// The replica goes, if `ReplicaSafety` lets it while keeping so many others.
    case drop(ReplicaKey, ReplicaID, keeping: Int)
    /// It needs something that is not there now; looked at again later.
    case wait(String)
    /// Nothing that repair can do.
    case nothing(String)
}
