public import Platform
public import TabletModel

/// A segment in an object store, read by ranges. A reader holds at most one read-ahead of it in memory.
public struct RemoteSegmentSource: SegmentSource {
    private let store: any ObjectStore
    private let key: String
    public let sizeBytes: Int64
    public let readAheadBytes: Int

    public init(store: any ObjectStore, key: String, sizeBytes: Int64, readAheadBytes: Int) {
        self.store = store
        self.key = key
        self.sizeBytes = sizeBytes
        self.readAheadBytes = readAheadBytes
    }

    public func read(_ range: Range<Int64>) throws -> [UInt8] {
        let bytes = try store.get(key, range: range)
        guard bytes.count == range.count else {
            throw ObjectStoreError(
                .truncated, operation: "GET", key: key,
                message: "\(bytes.count) bytes came instead of \(range.count)", isRetryable: true)
        }
        return bytes
    }
}

/// Opens the segments of cold rowsets by the storage resource that they name.
public struct RemoteSegments: RemoteSegmentProvider {
    private let policies: StoragePolicyTable
    private let readAheadBytes: Int

    public init(policies: StoragePolicyTable, settings: CooldownSettings = CooldownSettings()) {
        self.policies = policies
        self.readAheadBytes = settings.readAheadBytes
    }

    public func fault(of rowset: RowsetMeta, segment index: Int) throws -> String? {
        guard case .remote(let resource) = rowset.location else { return nil }
        let store = try policies.store(resource: resource, for: rowset.tabletID)
        let key = RemoteKeys.segment(rowset.tabletID, rowset.id, index)
        guard let found = try store.head(key) else {
            // A HEAD without a body does not tell a key that is gone from a bucket that is: a GET does.
            do {
                _ = try store.get(key, range: 0..<1)
                return nil
            } catch let error as ObjectStoreError where error.code == .noSuchKey {
                return "object \(key) is not in its store any more; put it back, or load its rows again"
            }
        }
        let written = rowset.segments[index].sizeBytes
        guard found.sizeBytes != written else { return nil }
        return "object \(key) has \(found.sizeBytes) bytes, \(written) were written; put the right one back"
    }

    public func source(for rowset: RowsetMeta, segment index: Int) throws -> any SegmentSource {
        guard case .remote(let resource) = rowset.location else {
            throw EngineError.invalidArgument("rowset \(rowset.id) of tablet \(rowset.tabletID) is local")
        }
        return RemoteSegmentSource(
            store: try policies.store(resource: resource, for: rowset.tabletID),
            key: RemoteKeys.segment(rowset.tabletID, rowset.id, index), sizeBytes: rowset.segments[index].sizeBytes,
            readAheadBytes: readAheadBytes)
    }

    public func isKnown(_ resource: String) -> Bool { policies.resourceKey(for: resource) != nil }
    public func resource(ofPolicy name: String) -> String? { policies.resourceKey(ofPolicy: name) }
}
