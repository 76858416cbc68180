internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

// Index policies as newer FEs push them. Nothing is indexed here; the FE wants to see that they came.
extension StorageEngine {
    private static let maxIndexPolicies = 10_000
    private static let maxIndexPolicyBytes = 4 << 20

    /// By id.
    public var indexPolicies: [IndexPolicy] { keptIndexPolicies.withLock { $0.policies } }

    /// PUSH_INDEX_POLICY: adds and replaces by id, then drops. Durable on return, in every usable data dir.
    /// - Throws: `.invalidArgument` when there would be too many; `.noUsableDataDir`.
    public func keepIndexPolicies(_ pushed: PushedIndexPolicies) throws {
        try indexPolicyTurn.withLock { _ in
            let before = keptIndexPolicies.withLock { $0 }
            var byID = Dictionary(before.policies.map { ($0.id, $0) }) { $1 }
            for policy in pushed.policies { byID[policy.id] = policy }
            for id in pushed.dropped { byID[id] = nil }
            let after = IndexPoliciesRecord(
                sequence: before.sequence + 1, policies: byID.values.sorted { $0.id < $1.id })
            guard after.policies != before.policies else { return }
            let bytes = after.policies.reduce(0) { $0 + $1.textBytes }
            guard after.policies.count <= Self.maxIndexPolicies, bytes <= Self.maxIndexPolicyBytes else {
                throw EngineError.invalidArgument(
                    "\(after.policies.count) index policies of \(bytes) bytes are more than a backend keeps")
            }
            var batch = WriteBatch()
            batch.put(MetaKeys.indexPolicies, try after.encoded())
            try dataDirs.writeInEach { try $0.writeMeta(batch) }
            keptIndexPolicies.withLock { $0 = after }
        }
    }

    /// At the start. A record that can't be read is logged, and what another dir holds counts.
    func readIndexPolicies() {
        var newest = IndexPoliciesRecord(sequence: 0, policies: [])
        for dir in dataDirs {
            do {
                guard let bytes = try dir.readMeta(MetaKeys.indexPolicies) else { continue }
                let record = try bytes.withUnsafeBytes { try IndexPoliciesRecord(decoding: $0) }
                if record.sequence > newest.sequence { newest = record }
            } catch {
                logger.warning(
                    "index policies of this dir can't be read; the FE pushes them again",
                    metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
        keptIndexPolicies.withLock { $0 = newest }
    }
}

extension IndexPolicy {
    fileprivate var textBytes: Int {
        properties.reduce(name.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
