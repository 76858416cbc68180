internal import Platform
internal import StoredFormats
internal import TabletModel

/// Remote metas of one tablet: read by followers, written by the uploader.
struct RemoteMetaFile {
    let conf: CooldownConf
    let store: any ObjectStore
    let maxBytes: Int64

    /// The meta of the conf's replica and term; nil when there is none.
    func read() throws -> RemoteCooldownMeta? {
        let key = RemoteKeys.meta(conf)
        guard let meta = try read(key) else { return nil }
        guard meta.replicaID == conf.cooldownReplicaID, meta.term == conf.term else {
            throw CooldownError.foreignRemoteMeta(
                conf.tabletID, key: key, reason: "it is of replica \(meta.replicaID), term \(meta.term)")
        }
        return meta
    }

    /// As `read`, or else the one under the older name, which has no term.
    func readAnyName() throws -> RemoteCooldownMeta? { try read() ?? read(RemoteKeys.legacyMeta(conf)) }

    private func read(_ key: String) throws -> RemoteCooldownMeta? {
        guard let bytes = try store.getAll(key, limit: maxBytes) else { return nil }
        let meta = try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: key) }
        guard meta.tabletID == conf.tabletID, meta.rowsets.allSatisfy({ $0.tabletID == conf.tabletID }) else {
            throw CooldownError.foreignRemoteMeta(conf.tabletID, key: key, reason: "it is of tablet \(meta.tabletID)")
        }
        return meta
    }

    /// Stores the meta under the conf's name and checks that the server has it. Only the conf's replica calls this, so
    /// what is overwritten is its own older meta of the same term.
    func write(_ meta: RemoteCooldownMeta) throws {
        let key = RemoteKeys.meta(conf)
        let bytes = try meta.encoded()
        let put = try store.put(key, from: BytesSource(bytes))
        guard let found = try store.head(key), found.sizeBytes == Int64(bytes.count) else {
            throw CooldownError.objectMismatch(conf.tabletID, key: key, reason: "is not what was just written")
        }
        // ETags that differ prove nothing by themselves; the bytes do.
        if put.etag.isEmpty || found.etag.isEmpty || put.etag == found.etag { return }
        guard try store.get(key, range: 0..<found.sizeBytes) == bytes else {
            throw CooldownError.objectMismatch(conf.tabletID, key: key, reason: "is not what was just written")
        }
    }
}
