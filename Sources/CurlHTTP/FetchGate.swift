internal import Platform
internal import Synchronization
internal import TabletModel

/// What a fetcher has under way, by the host and port of the URL, and from where it takes nothing any more.
final class FetchGate: Sendable {
    private struct State {
        var revision: UInt64?
        var refused: Set<String> = []
        var running: [String: [HTTPTransfer]] = [:]
    }

    private let state = Mutex(State())

    /// - Throws: `HTTPFetchError`: nothing is taken from there.
    func check(_ url: String) throws {
        let origin = FetchGate.origin(of: url)
        guard state.withLock({ !$0.refused.contains(origin) }) else { throw FetchGate.refusal(url) }
    }

    /// The transfer has begun. False: nothing is taken from there by now, so it has to end.
    func enter(_ transfer: HTTPTransfer) -> Bool {
        let origin = FetchGate.origin(of: transfer.request.url)
        return state.withLock { state in
            guard !state.refused.contains(origin) else { return false }
            state.running[origin, default: []].append(transfer)
            return true
        }
    }

    /// It has ended. - Returns: nobody refused it meanwhile.
    func leave(_ transfer: HTTPTransfer) -> Bool {
        let origin = FetchGate.origin(of: transfer.request.url)
        return state.withLock { state in
            state.running[origin]?.removeAll { $0 === transfer }
            if state.running[origin]?.isEmpty == true { state.running[origin] = nil }
            return !state.refused.contains(origin)
        }
    }

    /// - Returns: what is under way from there, and has to end.
    func refuse(_ origins: Set<NetworkAddress>, revision: UInt64) -> [HTTPTransfer] {
        state.withLock { state in
            if let known = state.revision, known >= revision { return [] }
            state.revision = revision
            state.refused = Set(origins.map(\.description))
            return state.refused.flatMap { state.running[$0] ?? [] }
        }
    }

    static func refusal(_ url: String) -> HTTPFetchError {
        HTTPFetchError(url: url, message: "nothing is fetched from there any more", isRetryable: false)
    }

    /// `http://host:port/path` → `host:port`
    static func origin(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "" }
        return String(url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" })
    }
}
