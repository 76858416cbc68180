internal import Synchronization
internal import TabletModel

/// The FEs of a cluster, and which of them leads. They live as long as the cluster that has them. Any thread.
final class FrontendDirectory: Sendable {
    private struct Place: Sendable {
        weak var frontend: SimulatedFrontend?
    }

    private struct Held: Sendable {
        var places: [Place] = []
        /// That led when somebody looked last.
        var last = 0
    }

    private let held = Mutex(Held())

    func install(_ frontends: [SimulatedFrontend]) {
        held.withLock { $0.places = frontends.map { Place(frontend: $0) } }
    }

    var all: [SimulatedFrontend] { held.withLock { $0.places.compactMap(\.frontend) } }

    func at(_ host: String) -> SimulatedFrontend? { all.first { $0.address.host == host } }

    /// The FE that says that it leads, as long as it does; while none says so, the last one that did.
    var leading: SimulatedFrontend? {
        let (all, last) = (all, held.withLock { $0.last })
        guard all.count > 1 else { return all.first }
        for step in all.indices {
            let place = (last + step) % all.count
            guard all[place].master != nil else { continue }
            held.withLock { $0.last = place }
            return all[place]
        }
        return all[last]
    }
}
