public import TabletModel

/// `wire_dialect`: how the other daemons of the cluster are spoken to.
public enum DialectChoice: String, CaseIterable, Sendable {
    /// Learnt from heartbeats.
    case auto
    case year2023 = "2023"
    case year2026 = "2026"
    case tabletd

    /// nil: learnt.
    public var dialect: WireDialect? {
        switch self {
        case .auto: nil
        case .year2023: .year2023
        case .year2026: .year2026
        case .tabletd: .tabletd
        }
    }
}
