internal import Platform
internal import Synchronization
internal import TabletModel

/// Since when which storage resources are lacking: named by rowsets, and not known here. Thread-safe.
final class LackingResources: Sendable {
    private let since = Mutex<[String: UnixTime]>([:])

    /// - Returns: those of `lacking`, each with the moment it was first seen so.
    func update(_ lacking: Set<String>, now: UnixTime) -> [String: UnixTime] {
        since.withLock { since in
            since = since.filter { lacking.contains($0.key) }
            for name in lacking where since[name] == nil { since[name] = now }
            return since
        }
    }
}

extension StorageEngine {
    /// Names that remote rowsets here have for storage resources that are not known: what is in them can't be read.
    private var lackingResources: [String: UnixTime] {
        let noted = dataDirs.reduce(into: Set<String>()) { $0.formUnion($1.notedResources) }
        return lacking.update(noted.filter { remoteSegments?.isKnown($0) != true }, now: environment.time.wallNow)
    }

    /// Replicas with rowsets in such a resource (found A6). They would look whole, and may be all that is kept; every one of
    /// them is told of, however many. In tablet order.
    var replicasLackingResources: [UnreadableReplica] {
        let lacking = lackingResources
        // The usual case costs no walk.
        guard !lacking.isEmpty else { return [] }
        return tablets.sorted.compactMap { tablet in
            guard let name = tablet.resourceNames.first(where: { lacking[$0] != nil }), let since = lacking[name] else {
                return nil
            }
            return UnreadableReplica(
                tabletID: tablet.id, replicaID: tablet.replicaID,
                reason: "its backend does not know storage resource \(name) of its cold rows", since: since)
        }
    }
}
