internal import TabletModel

/// Which optional members a `TTabletInfo` has for one dialect: looked up once a message, not once a row.
struct RowMembers: Sendable {
    /// 17 and 18.
    let cooldownReplica: Bool
    /// 20.
    let cooldownMetaID: Bool
    /// 21.
    let visibleVersionCount: Bool
    /// 19 of a tablet that is not RUNNING, or that has neither a policy nor remote data, says nothing: a newer FE would push a
    /// conf for every one of them, at each report.
    private let termOfRunningAlone: Bool

    init(_ dialect: WireDialect) {
        cooldownReplica = dialect.has(.cooldownReplica)
        cooldownMetaID = dialect.has(.cooldownMetaID)
        visibleVersionCount = dialect.has(.visibleVersionCount)
        termOfRunningAlone = dialect != .tabletd
    }

    @inline(__always)
    func hasTerm(_ row: UnsafePointer<TabletReportRow>) -> Bool {
        let cools = row.pointee.isCooldown || row.pointee.remoteDataSizeBytes > 0
        return termOfRunningAlone ? cools && row.pointee.isRunning : cools || row.pointee.cooldownTerm != -1
    }
}
