/// One clone under way, as `/api/clones` of its destination lists it.
public struct CloneView: Codable, Hashable, Sendable {
    public var tabletID: Int64
    public var replicaID: Int64
    /// The replica is made whole, and not only given what it lacks.
    public var isWhole: Bool
    /// `snapshot`, `downloading` or `joining`.
    public var step: String
    /// Host and agent port; nil before the first.
    public var source: String?
    /// Of this source; those that an earlier try had verified count as done.
    public var filesDone: Int
    public var filesTotal: Int
    public var bytesDone: Int64
    public var bytesTotal: Int64
    public var startedMs: Int64

    public init(
        tabletID: Int64, replicaID: Int64, isWhole: Bool, step: String, source: String? = nil, filesDone: Int,
        filesTotal: Int, bytesDone: Int64, bytesTotal: Int64, startedMs: Int64
    ) {
        self.tabletID = tabletID
        self.replicaID = replicaID
        self.isWhole = isWhole
        self.step = step
        self.source = source
        self.filesDone = filesDone
        self.filesTotal = filesTotal
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
        self.startedMs = startedMs
    }
}
