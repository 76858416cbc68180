public import TabletModel

/// Where things are in a data dir (design.md, "What is stored, and where").
public struct DataDirLayout: Hashable, Sendable {
    public let root: String

    public init(root: String) { self.root = root }

    public var data: String { root + "/data" }
    public var meta: String { root + "/meta" }
    public var snapshot: String { root + "/snapshot" }
    public var trash: String { root + "/trash" }
    public var clusterID: String { root + "/cluster_id" }
    public var backendUUID: String { root + "/backend_uuid" }
    public var lock: String { root + "/lock" }
    public var probe: String { root + "/.health_probe" }

    /// `data/{shard}/{tablet_id}`
    public func tabletFolder(shard: Int32, _ tablet: TabletID) -> String { "\(data)/\(shard)/\(tablet)" }

    /// `data/{shard}/{tablet_id}/{schema_hash}`: the segments.
    public func segmentFolder(shard: Int32, _ tablet: TabletID, _ schemaHash: SchemaHash) -> String {
        "\(tabletFolder(shard: shard, tablet))/\(schemaHash)"
    }

    /// `{rowset_id}_{n}.dat`
    public static func segmentName(_ rowset: RowsetID, _ index: Int) -> String { "\(rowset)_\(index).dat" }

    /// The rowset of a segment's file name; nil when the name is none.
    public static func rowset(ofSegmentName name: some StringProtocol) -> (id: RowsetID, index: Int)? {
        guard name.hasSuffix(".dat"), let underscore = name.lastIndex(of: "_"),
            let id = RowsetID(text: name[..<underscore]),
            let index = Int(name[name.index(after: underscore)...].dropLast(4)), index >= 0,
            segmentName(id, index) == name
        else { return nil }
        return (id, index)
    }
}
