/// Whose words a peer understands. What leaves for it goes through `DialectTable`, so that nothing does that it can't read.
public enum WireDialect: String, Hashable, Sendable, CaseIterable, Codable, CustomStringConvertible {
    /// Doris of January 2023.
    case year2023 = "2023"
    /// Doris of January 2026.
    case year2026 = "2026"
    /// Our own daemons: all that both years have, and what is ours.
    case tabletd

    public var description: String { rawValue }
}

extension WireDialect {
    /// Bit of `TMasterInfo.heartbeat_flags` (`IS_TABLETD_BIT`): the frontend is tabletd-fe. It goes to every backend, since the
    /// first heartbeat does not know yet whom it meets; others look at no bit but their own.
    public static let frontendFlag: Int64 = 1 << 32

    /// What the sender of a heartbeat speaks. Our FE says so by the flag (an older one by the members that are ours), an FE of
    /// 2026 by `frontend_infos`; one of 2023 has neither.
    public init(of master: MasterInfo) {
        self =
            if master.saysTabletd || master.backendUUID != nil || master.position != nil {
                .tabletd
            } else if master.frontends != nil {
                .year2026
            } else {
                .year2023
            }
    }

    /// What the backend that answered a heartbeat speaks. Ours says so by its version; a newer Doris BE sends members that one
    /// of 2023 does not have.
    public init(of backend: BackendInfo) {
        self =
            if backend.version?.hasPrefix("tabletd") == true {
                .tabletd
            } else if backend.hasNewerMembers {
                .year2026
            } else {
                .year2023
            }
    }
}

extension MasterInfo {
    /// Our FE, whatever else it has said so far.
    public var saysTabletd: Bool { (flags ?? 0) & WireDialect.frontendFlag != 0 }
}
