public import Platform
public import TabletModel

/// One atomic change of a tablet: committed as a single synced batch, then visible in memory as a whole.
public struct TabletChange: Sendable {
    /// Evaluated under the tablet's commit turn, against the state the change would apply to; what it throws ends the
    /// commit before anything is written. It must not call back into the tablet's `commit`.
    public var precondition: (@Sendable (TabletSnapshot) throws -> Void)?
    /// Edits the header; ids and schema of the tablet must stay as they are.
    public var editHeader: (@Sendable (inout TabletHeader) -> Void)?
    public var addRowsets: [RowsetMeta]
    /// Removed before the additions; ids that the tablet does not hold are a `.conflict`.
    public var removeRowsets: [RowsetID]
    /// The removed rowsets stay readable as one stale path, with their files, until `sweepStaleRowsets` takes them: for the
    /// inputs of a compaction. Otherwise their files go with their last reader.
    public var keepsRemovedAsStale: Bool
    /// All rowsets of these versions are removed too, those that came since the change was made as well; one that reaches
    /// beyond them is a `.conflict`.
    var replacesVersions: VersionRange?
    /// A rowset whose files are gone or corrupt leaves.
    var loss: RowsetLoss?
    /// Further keys of the same meta store, written in the same batch (garbage records, say).
    public var alsoWrite: [WriteBatch.Mutation]

    public init(
        precondition: (@Sendable (TabletSnapshot) throws -> Void)? = nil,
        editHeader: (@Sendable (inout TabletHeader) -> Void)? = nil, addRowsets: [RowsetMeta] = [],
        removeRowsets: [RowsetID] = [], keepsRemovedAsStale: Bool = false, alsoWrite: [WriteBatch.Mutation] = []
    ) {
        self.precondition = precondition
        self.editHeader = editHeader
        self.addRowsets = addRowsets
        self.removeRowsets = removeRowsets
        self.keepsRemovedAsStale = keepsRemovedAsStale
        self.alsoWrite = alsoWrite
    }
}

/// A tablet at one moment. Holding it keeps its rowsets' local files.
public struct TabletSnapshot: Sendable {
    public let header: TabletHeader
    /// Visible rowsets in version order.
    public let rowsets: [Rowset]
    public let maxVersion: Version
    public let maxContinuousVersion: Version
    /// No version from 0 to `maxVersion` is missing and no two rowsets overlap.
    public let isComplete: Bool

    /// End of the remote prefix; `.none` when the tablet has no remote rowset.
    public var maxRemoteVersion: Version { rowsets.last { $0.meta.isRemote }?.meta.versions.end ?? .none }
}
