/// Answers of the gateway in our words. What it leaves out is zero, false or empty; nil where something can't be read.
extension JSONNode {
    /// `header.revision`.
    var revision: Int64 { self["header"]?["revision"]?.int64 ?? 0 }

    var range: EtcdRange? {
        guard let values = keyValues else { return nil }
        return EtcdRange(revision: revision, values: values, hasMore: self["more"]?.bool ?? false)
    }

    private var keyValues: [EtcdKeyValue]? {
        var values: [EtcdKeyValue] = []
        for node in self["kvs"]?.elements ?? [] {
            guard let value = node.keyValue else { return nil }
            values.append(value)
        }
        return values
    }

    var keyValue: EtcdKeyValue? {
        guard let key = self["key"]?.bytes, let value = self["value"].map(\.bytes) ?? .some([]) else { return nil }
        return EtcdKeyValue(
            key: String(decoding: key, as: UTF8.self), value: value,
            createRevision: self["create_revision"]?.int64 ?? 0, modifyRevision: self["mod_revision"]?.int64 ?? 0,
            leaseID: self["lease"]?.int64 ?? 0)
    }

    var transactionAnswer: EtcdTransactionAnswer? {
        var reads: [[EtcdKeyValue]] = []
        for node in self["responses"]?.elements ?? [] {
            guard let values = node["response_range"].map(\.keyValues) ?? .some([]) else { return nil }
            reads.append(values)
        }
        return EtcdTransactionAnswer(
            revision: revision, succeeded: self["succeeded"]?.bool ?? false, reads: reads)
    }
}
