public import Platform
public import TabletModel

/// What one heartbeat does to a backend: the checks of `contract/behaviour.md` §1, as a pure function.
///
/// All checks come before any effect, so that a refused heartbeat changes nothing. (A SEED BE of Doris writes the cluster
/// id before it looks at the token, so that a foreign master can claim a fresh backend for ever.) Against the sources:
/// - A `backend_ip` other than the own host is refused, unless it is one of the machine's addresses: then the backend
///   adopts it and reports under it. LATE adopts any valid IP, which lets a wrong registration take over a backend.
/// - A master that knows uuids and knows this one under no address, or under another, is heartbeating a second address or a
///   copy: once a heartbeat has confirmed who this is, such a one changes neither the host nor the backend id.
/// - A heartbeat without a token is refused once one is known: FEs of both years always send theirs.
/// - A lower epoch from the address of the known master is no reason to refuse, as in Doris: the known epoch stays.
public struct HeartbeatAcceptance: Hashable, Sendable {
    /// What to remember; only after `persistClusterID` was done.
    public var state: HeartbeatState
    /// To be durable in every data dir before the heartbeat is acknowledged.
    public var persistClusterID: Int32?
    /// A new master, or the known one restarted: every report is due at once.
    public var isNewMaster: Bool

    /// - Parameters:
    ///   - caller: from where it came. The right to command this backend goes with an accepted heartbeat.
    ///   - dialect: as configured; nil: as the heartbeat shows, each anew, since an FE may be upgraded and go back.
    public static func evaluate(
        _ master: MasterInfo, from caller: CallerHost, state old: HeartbeatState, identity: BackendIdentity,
        dialect: WireDialect? = nil
    ) throws(HeartbeatRefusal) -> HeartbeatAcceptance {
        var new = old
        let dialect = dialect ?? WireDialect(of: master)
        let isConfirmation = isConfirmation(master, speaking: dialect, identity)
        let tellsWhoThisIs = isConfirmation || !old.isConfirmed
        if let told = master.backendIP {
            guard identity.isCalled(told) else {
                throw .foreignBackendIP(told: told, own: identity.host)
            }
            if tellsWhoThisIs { new.backendHost = told }
        }

        guard master.clusterID >= 0 else { throw .invalidClusterID(master.clusterID) }
        if let own = old.clusterID, own != master.clusterID {
            throw .clusterMismatch(told: master.clusterID, own: own)
        }
        new.clusterID = master.clusterID

        let isNewMaster = try learnMaster(master, old: old, into: &new)

        if let told = master.token {
            if let known = old.token, !constantTimeEqual(known, told) { throw .tokenMismatch }
            new.token = told
        } else if old.token != nil {
            throw .tokenMissing
        }
        new.masterHosts = [caller, CallerHost(master.address.host)]
        new.masterHTTPPort = master.httpPort ?? old.masterHTTPPort
        if isNewMaster { new.remember(former: old) }
        new.flags = master.flags ?? old.flags
        if tellsWhoThisIs { new.backendID = master.backendID ?? old.backendID }
        if isConfirmation { new.isConfirmed = true }
        new.tabletReportInactiveMs = master.tabletReportInactiveMs ?? old.tabletReportInactiveMs
        new.dialect = dialect
        new.heardPosition = .remembered(
            old.heardPosition, hearing: master.position, judged: master.judgedPosition)
        return HeartbeatAcceptance(
            state: new, persistClusterID: old.clusterID == nil ? master.clusterID : nil, isNewMaster: isNewMaster)
    }

    /// Of an FE of Doris every heartbeat is one: it knows backends by their addresses, and hears no uuid. Ours does not know yet
    /// whom it met when it says who it is and nothing of uuids.
    private static func isConfirmation(
        _ master: MasterInfo, speaking dialect: WireDialect, _ identity: BackendIdentity
    ) -> Bool {
        guard dialect == .tabletd else { return true }
        let isIntroduction = master.saysTabletd && master.backendUUID == nil && identity.uuid != nil
        return !isIntroduction && identity.isMeant(by: master.backendUUID)
    }

    private static func learnMaster(
        _ master: MasterInfo, old: HeartbeatState, into new: inout HeartbeatState
    ) throws(HeartbeatRefusal) -> Bool {
        if master.address != old.master {
            guard master.epoch > old.epoch else {
                throw .staleEpoch(told: master.epoch, known: old.epoch, from: master.address, master: old.master)
            }
            new.master = master.address
            new.epoch = master.epoch
            return true
        }
        guard master.epoch > old.epoch else { return false }
        new.epoch = master.epoch
        return true
    }
}
