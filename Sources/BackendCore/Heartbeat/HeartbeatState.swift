public import Platform
public import TabletModel

/// What a backend has learnt from heartbeats. All but the cluster id and the metadata position lives in memory only, as in
/// Doris.
public struct HeartbeatState: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// nil until the first heartbeat of the data dirs' life.
    public var clusterID: Int32?
    public var master: NetworkAddress?
    /// 0 before the first heartbeat: a master's own epoch starts at 1.
    public var epoch: Int64 = 0
    /// The cluster's secret; never shown.
    public var token: String?
    public var backendID: BackendID?
    /// The host under which the master knows this backend, and by which it finds its reports.
    public var backendHost: String?
    public var masterHTTPPort: Int32?
    /// From where the master's commands come: whence its last heartbeat came, and what it calls itself.
    public var masterHosts: Set<CallerHost> = []
    /// HTTP addresses of the masters before this one, the newest last: a load's file that lies there is nobody's any more.
    public private(set) var formerMasters: [NetworkAddress] = []
    public var flags: Int64?
    public var tabletReportInactiveMs: Int64?
    /// Whose words the master understands, as of its last heartbeat.
    public var dialect = WireDialect.year2023
    /// The master knows this backend by the uuid of its data dirs, or by its address where one of the two knows no uuids.
    /// Until then it takes part in everything but what only one process may do: it uploads nothing.
    public var isConfirmed = false

    /// The furthest metadata that a master told of; the data dirs hold it, a little later than this.
    public var heardPosition: MetadataPosition?

    public init(clusterID: Int32?, heardPosition: MetadataPosition? = nil) {
        self.clusterID = clusterID
        self.heardPosition = heardPosition
    }

    /// More than any cluster has frontends.
    private static let rememberedMasters = 64

    var masterHTTPAddress: NetworkAddress? {
        guard let master, let masterHTTPPort else { return nil }
        return NetworkAddress(host: master.host, port: masterHTTPPort)
    }

    /// Another master was heard after the one of this earlier state.
    mutating func remember(former: HeartbeatState) {
        let current = masterHTTPAddress
        formerMasters.removeAll { $0 == current || $0 == former.masterHTTPAddress }
        if let old = former.masterHTTPAddress, old != current { formerMasters.append(old) }
        formerMasters = formerMasters.suffix(Self.rememberedMasters)
    }

    public var description: String {
        "cluster \(clusterID.map(String.init) ?? "-") master \(master?.description ?? "-") epoch \(epoch)"
    }
    public var debugDescription: String { description }
}

/// Why a heartbeat was refused. Never says a token.
public enum HeartbeatRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case foreignBackendIP(told: String, own: String)
    case clusterMismatch(told: Int32, own: Int32)
    case invalidClusterID(Int32)
    case clusterIDBeingWritten
    case clusterIDNotWritten(Int32, reason: String)
    case staleEpoch(told: Int64, known: Int64, from: NetworkAddress, master: NetworkAddress?)
    case tokenMismatch
    case tokenMissing

    public var description: String {
        switch self {
        case .foreignBackendIP(let told, let own):
            "the master calls this backend \(told), but it is \(own): add it under its own address too, and drop the other entry "
                + "once that is empty"
        case .clusterMismatch(let told, let own):
            "cluster id \(told) of the master is not this backend's \(own): another cluster's FE, or one that was started on an "
                + "empty meta_dir; put the right meta_dir back"
        case .invalidClusterID(let told): "cluster id \(told) is not valid: it must not be negative"
        case .clusterIDBeingWritten:
            "the cluster id is being written to the data dirs: the next heartbeat will be answered"
        case .clusterIDNotWritten(let id, let reason):
            "cluster id \(id) could not be written to the data dirs: \(reason)"
        case .staleEpoch(let told, let known, let from, let master):
            "epoch \(told) of \(from) is not greater than epoch \(known) of "
                + (master.map { "the known master \($0)" } ?? "no master at all")
        case .tokenMissing: "the heartbeat has no token, and this cluster's master has one: not an FE of this cluster"
        case .tokenMismatch: "the master's token is not the one learnt first: another cluster, or a wrong VERSION file"
        }
    }
}
