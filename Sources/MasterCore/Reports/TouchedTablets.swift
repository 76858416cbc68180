internal import Synchronization
internal import TabletModel

/// Which tablets tasks have changed since which report version: a report that was made before says nothing of them. For
/// our own backends this is looked up per tablet; for Doris' the whole report is compared (design, "Reports dropped as
/// out of date"). Any thread.
final class TouchedTablets: Sendable {
    private struct Touched {
        var newest: Int64 = 0
        var versions: [TabletID: Int64] = [:]
    }

    private let backends = Mutex<[BackendID: Touched]>([:])

    func note(_ tablets: [TabletID], on backend: BackendID, at reportVersion: Int64) {
        backends.withLock { backends in
            var touched = backends.removeValue(forKey: backend) ?? Touched()
            touched.newest = max(touched.newest, reportVersion)
            for tablet in tablets { touched.versions[tablet] = max(touched.versions[tablet] ?? 0, reportVersion) }
            backends[backend] = touched
        }
    }

    /// The highest version that a task of this backend brought.
    func newest(on backend: BackendID) -> Int64 { backends.withLock { $0[backend]?.newest ?? 0 } }

    /// Tablets that changed after a report of this version was made.
    func changed(after reportVersion: Int64, on backend: BackendID) -> Set<TabletID> {
        backends.withLock { backends in
            Set((backends[backend]?.versions ?? [:]).filter { $0.value > reportVersion }.keys)
        }
    }

    /// A report of this version was taken in: what it covers need not be remembered.
    func forget(upTo reportVersion: Int64, on backend: BackendID) {
        backends.withLock { backends in
            guard var touched = backends.removeValue(forKey: backend) else { return }
            touched.versions = touched.versions.filter { $0.value > reportVersion }
            backends[backend] = touched
        }
    }

    /// A new process of the backend counts anew.
    func forgetAll(of backend: BackendID) { backends.withLock { $0[backend] = nil } }
}
