/// One term of a master: the leader key as it was created. While it has this creation revision he is master; it never gets it
/// again. Whatever a master writes to etcd compares it.
struct EtcdFence: Hashable, Sendable {
    let key: String
    let createRevision: Int64
}
