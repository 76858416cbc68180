/// One term of a master: the leader key as it was created. While it has this creation revision he is master; it never gets it
/// again. Whatever a master writes to etcd compares it.
public struct EtcdFence: Hashable, Sendable {
    public let key: String
    public let createRevision: Int64

    public init(key: String, createRevision: Int64) {
        self.key = key
        self.createRevision = createRevision
    }
}
