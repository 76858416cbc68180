internal import TabletModel

/// How many replicas each backend has. There are few backends, and tablet after tablet names them in turns.
struct BackendCounts: Sendable {
    private var backends: [BackendID] = []
    private var counts: [Int] = []
    /// Where the last one was found.
    private var last = 0

    subscript(backend: BackendID) -> Int { backends.firstIndex(of: backend).map { counts[$0] } ?? 0 }

    mutating func add(_ count: Int, to backend: BackendID) {
        for step in 0..<backends.count {
            let turn = last + 1 + step
            let place = turn < backends.count ? turn : turn - backends.count
            guard backends[place] == backend else { continue }
            counts[place] += count
            last = place
            return
        }
        backends.append(backend)
        counts.append(count)
    }

    mutating func subtract(_ other: BackendCounts) {
        for (backend, count) in zip(other.backends, other.counts) { add(-count, to: backend) }
    }

    /// A backend that was dropped, or that lost its last replica, need not be looked through.
    mutating func forgetEmpty() {
        guard counts.contains(0) else { return }
        let held = counts.indices.filter { counts[$0] != 0 }
        (backends, counts, last) = (held.map { backends[$0] }, held.map { counts[$0] }, 0)
    }
}
