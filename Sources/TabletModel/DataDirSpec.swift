/// One entry of `storage_root_path`.
public struct DataDirSpec: Hashable, Sendable {
    /// Absolute, without a trailing slash.
    public var path: String
    public var medium: StorageMedium
    /// Use no more than this of the file system; nil = all of it.
    public var capacityBytes: Int64?

    public init(path: String, medium: StorageMedium = .hdd, capacityBytes: Int64? = nil) {
        self.path = path
        self.medium = medium
        self.capacityBytes = capacityBytes
    }
}
