internal import Synchronization
internal import TabletModel

/// Tablets that are served no more and whose folder is not in the trash yet: they were dropped, or moved to another data dir,
/// and somebody reads them, or moving the folder failed. Of one id there may be several, in different dirs. Thread-safe.
final class LeavingTablets: Sendable {
    private let tablets = Mutex<[TabletID: [Tablet]]>([:])

    /// In id order.
    var all: [Tablet] { tablets.withLock { $0.values.flatMap { $0 } }.sorted { $0.id < $1.id } }

    func of(_ id: TabletID) -> [Tablet] { tablets.withLock { $0[id] ?? [] } }
    func contains(_ tablet: Tablet) -> Bool { of(tablet.id).contains { $0 === tablet } }

    func add(_ tablet: Tablet) {
        tablets.withLock { tablets in
            guard tablets[tablet.id]?.contains(where: { $0 === tablet }) != true else { return }
            tablets[tablet.id, default: []].append(tablet)
        }
    }

    func remove(_ tablet: Tablet) {
        tablets.withLock { tablets in
            tablets[tablet.id]?.removeAll { $0 === tablet }
            if tablets[tablet.id]?.isEmpty == true { tablets[tablet.id] = nil }
        }
    }
}
