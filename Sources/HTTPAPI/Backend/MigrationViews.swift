/// One move of a tablet between data dirs under way, as `/api/migrations` of its backend lists it.
public struct MigrationView: Codable, Hashable, Sendable {
    public var tabletID: Int64
    /// Root paths of the data dirs.
    public var from: String
    public var to: String
    /// Grow while loads go on: their rows are copied in further rounds.
    public var filesDone: Int
    public var filesTotal: Int
    public var bytesDone: Int64
    public var bytesTotal: Int64
    public var startedMs: Int64

    public init(
        tabletID: Int64, from: String, to: String, filesDone: Int, filesTotal: Int, bytesDone: Int64,
        bytesTotal: Int64, startedMs: Int64
    ) {
        self.tabletID = tabletID
        self.from = from
        self.to = to
        self.filesDone = filesDone
        self.filesTotal = filesTotal
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
        self.startedMs = startedMs
    }
}
