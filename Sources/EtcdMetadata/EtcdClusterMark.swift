internal import ClusterMetadata
public import EtcdClient

/// Which cluster lies below a prefix: written once, before its first entry, so that two first frontends don't make two clusters of
/// one, and an etcd that lost its data is told from a new one. Blocking.
public struct EtcdClusterMark: Sendable {
    public struct Mark: Hashable, Sendable {
        public var clusterID: Int32
        /// Of the frontend that made the cluster: host and port.
        public var founder: String

        public init(clusterID: Int32, founder: String) {
            self.clusterID = clusterID
            self.founder = founder
        }
    }

    private let client: EtcdClient
    public let key: String

    public init(_ client: EtcdClient, prefix: String) {
        self.client = client
        key = EtcdLogLayout(prefix: prefix).cluster
    }

    /// nil: there is no cluster here.
    public func read(within limit: Duration) throws -> Mark? {
        try client.value(of: key, deadline: limit).map { try Mark($0.value, key: key) }
    }

    /// - Throws: `JournalError.otherCluster`: it is another one by now; `EtcdError`: that can't be told.
    public func check(_ own: Int32, within limit: Duration) throws {
        try read(within: limit)?.check(own)
    }

    /// Writes it if there is none. - Returns: the one that is there then.
    public func claim(_ mark: Mark, within limit: Duration) throws -> Mark {
        let text = Array("cluster_id=\(mark.clusterID)\nfounder=\(mark.founder)\n".utf8)
        let answer = try client.transaction(
            EtcdTransaction(
                compares: [.isAbsent(key)], success: [.put(key, text)], failure: [.get(EtcdRangeQuery(.key(key)))]),
            deadline: limit)
        guard !answer.succeeded, let found = answer.reads.first?.first else { return mark }
        return try Mark(found.value, key: key)
    }

    public func remove(within limit: Duration) throws { try client.delete(.key(key), deadline: limit) }
}

extension EtcdClusterMark.Mark {
    init(_ text: [UInt8], key: String) throws(EtcdLogError) {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard lines.count >= 2, lines[0].hasPrefix("cluster_id="), lines[1].hasPrefix("founder="),
            let id = Int32(lines[0].dropFirst("cluster_id=".count))
        else { throw .badMark(key: key) }
        self.init(clusterID: id, founder: String(lines[1].dropFirst("founder=".count)))
    }

    func check(_ own: Int32) throws(JournalError) {
        guard clusterID == own else { throw .otherCluster(found: clusterID, own: own) }
    }
}
