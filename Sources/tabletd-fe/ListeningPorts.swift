import DaemonRuntime
import Synchronization

/// The ports that others bind, once all of them are known.
final class ListeningPorts: Sendable {
    private struct Known {
        var http: Int?
        var sql: Int?
    }

    private let known = Mutex(Known())
    /// Set, to the HTTP port, when both listen.
    let ready = BoundPort()

    func httpListens(at port: Int) { note { $0.http = port } }
    func sqlListens(at port: Int) { note { $0.sql = port } }

    /// 0 while it does not listen.
    var sql: Int { known.withLock { $0.sql ?? 0 } }

    private func note(_ change: (inout Known) -> Void) {
        let http: Int? = known.withLock { known in
            change(&known)
            return known.sql == nil ? nil : known.http
        }
        if let http { ready.set(http) }
    }
}
