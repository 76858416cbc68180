/// A snapshot that was made.
public struct SnapshotOutcome: Hashable, Sendable {
    public var path: String
    /// It holds the missing versions that were asked for, and nothing else.
    public var isIncremental: Bool
    /// Names of the files in `{path}/{tablet_id}/{schema_hash}`, sorted.
    public var files: [String]

    public init(path: String, isIncremental: Bool, files: [String]) {
        self.path = path
        self.isIncremental = isIncremental
        self.files = files
    }
}
