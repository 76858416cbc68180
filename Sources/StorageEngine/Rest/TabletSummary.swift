public import TabletModel

/// What a list of tablets says of one.
public struct TabletSummary: Sendable {
    public let header: TabletHeader
    public let row: TabletReportRow
    /// No version up to the newest is missing.
    public let isComplete: Bool
    /// End of the newest rowset; `.none` when there is none.
    public let maxVersion: Version

    public init(_ tablet: Tablet) { self.init(.awake(tablet)) }

    init(_ tablet: ServedTablet) {
        header = tablet.header
        row = tablet.singleRow(prefixOnly: false)
        switch tablet {
        case .awake(let tablet):
            let snapshot = tablet.snapshot
            (isComplete, maxVersion) = (snapshot.isComplete, snapshot.maxVersion)
        case .resting(let tablet): (isComplete, maxVersion) = (true, tablet.sums.version)
        }
    }
}
