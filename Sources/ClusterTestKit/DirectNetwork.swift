public import Platform
internal import Synchronization
public import TabletModel

/// The network of a simulated cluster: RPCs are calls of the other side's handler on the caller's thread. Links can be
/// cut, lose answers, or drop calls at random from a seed. Hosts are told apart by `NetworkAddress`, callers by name.
public final class DirectNetwork: Sendable {
    /// What happens to calls from one caller to one address.
    public enum Link: Hashable, Sendable {
        case up
        /// The call is not carried out: connection refused.
        case refused
        /// The call is not carried out, and the caller learns nothing but a timeout.
        case lostRequest
        /// The call is carried out, and the caller times out.
        case lostReply
        /// Once in `oneIn` calls is lost, half of these after it was carried out. Needs a seed.
        case lossy(oneIn: UInt64)
    }

    private struct State {
        var frontends: [NetworkAddress: any FrontendHandler] = [:]
        var heartbeats: [NetworkAddress: any HeartbeatHandler] = [:]
        var backends: [NetworkAddress: any BackendHandler] = [:]
        var links: [LinkKey: Link] = [:]
        var cuts: Set<Cut> = []
        /// Hosts whose process is stopped: it takes no call, and its ports are open.
        var silent: Set<String> = []
        var callCounts: [String: Int] = [:]
        var travel: (@Sendable (_ caller: String) -> Bool)?
    }

    private struct LinkKey: Hashable {
        let caller: String
        let address: NetworkAddress?
    }

    private struct Cut: Hashable {
        let caller: String
        let host: String
    }

    private let state = Mutex(State())
    private let random: SeededRandom?

    public init(seed: UInt64? = nil) { random = seed.map { SeededRandom(seed: $0).fork("network") } }

    /// Opens (or, with nil, closes) a port.
    public func listen(frontend address: NetworkAddress, _ handler: (any FrontendHandler)?) {
        state.withLock { $0.frontends[address] = handler }
    }
    public func listen(heartbeat address: NetworkAddress, _ handler: (any HeartbeatHandler)?) {
        state.withLock { $0.heartbeats[address] = handler }
    }
    public func listen(backend address: NetworkAddress, _ handler: (any BackendHandler)?) {
        state.withLock { $0.backends[address] = handler }
    }

    /// Sets what happens to calls from `caller` to `address` (nil: to every address that has no link of its own).
    public func setLink(from caller: String, to address: NetworkAddress?, _ link: Link) {
        state.withLock { $0.links[LinkKey(caller: caller, address: address)] = link }
    }

    /// Nothing of the caller's arrives at the host, whatever its links say, until it is called with false.
    public func cut(_ caller: String, from host: String, _ isCut: Bool = true) {
        state.withLock { state in
            let cut = Cut(caller: caller, host: host)
            if isCut { state.cuts.insert(cut) } else { state.cuts.remove(cut) }
        }
    }

    /// Whoever calls the host has no answer, until it is called with false: its process is stopped.
    public func silence(_ host: String, _ isSilent: Bool = true) {
        state.withLock { state in
            if isSilent { state.silent.insert(host) } else { state.silent.remove(host) }
        }
    }

    /// Whether calls arrive and are taken, as far as neither is cut nor stopped.
    public func reaches(_ caller: String, _ host: String) -> Bool {
        state.withLock { !$0.cuts.contains(Cut(caller: caller, host: host)) && !$0.silent.contains(host) }
    }

    /// - Parameter travel: runs while a call is on its way, time may pass in it; false: the call does not arrive.
    public func letCallsTravel(_ travel: @escaping @Sendable (_ caller: String) -> Bool) {
        state.withLock { $0.travel = travel }
    }

    /// Calls that reached a handler, by method.
    public var callCounts: [String: Int] { state.withLock { $0.callCounts } }

    public func masterConnector(from caller: String) -> DirectMasterConnector {
        DirectMasterConnector(network: self, caller: caller)
    }
    public func backendConnector(from caller: String) -> DirectBackendConnector {
        DirectBackendConnector(network: self, caller: caller)
    }
    public func frontendConnector(from caller: String) -> DirectFrontendConnector {
        DirectFrontendConnector(network: self, caller: caller)
    }
    public func peerConnector(from caller: String) -> DirectPeerConnector {
        DirectPeerConnector(network: self, caller: caller)
    }

    /// Carries something else than a call of a handler, a download say, as the link allows.
    /// - Throws: `RPCError` of the link, what `body` throws.
    public func carry<Reply>(
        _ method: String, from caller: String, to address: NetworkAddress, _ body: () throws -> Reply
    ) throws -> Reply {
        try call(method, from: caller, to: address, { _ in () }) { try body() }
    }

    func frontend(_ address: NetworkAddress) -> (any FrontendHandler)? { state.withLock { $0.frontends[address] } }
    func heartbeat(_ address: NetworkAddress) -> (any HeartbeatHandler)? { state.withLock { $0.heartbeats[address] } }
    func backend(_ address: NetworkAddress) -> (any BackendHandler)? { state.withLock { $0.backends[address] } }

    /// Carries one call as the link allows.
    func call<Handler, Reply>(
        _ method: String, from caller: String, to address: NetworkAddress,
        _ find: (DirectNetwork) -> Handler?, _ body: (Handler) throws -> Reply
    ) throws -> Reply {
        func fail(_ code: RPCError.Code, _ message: String, mayHaveRun: Bool) -> RPCError {
            RPCError(code, method: method, peer: address, message: message, mayHaveRun: mayHaveRun)
        }
        let fate = fate(from: caller, to: address)
        if fate == .refused { throw fail(.connect, "connection refused", mayHaveRun: false) }
        if fate == .lostRequest { throw fail(.timeout, "no answer in time", mayHaveRun: true) }
        if let travel = state.withLock({ $0.travel }), !travel(caller) || !reaches(caller, address.host) {
            throw fail(.timeout, "no answer in time", mayHaveRun: true)
        }
        guard let handler = find(self) else { throw fail(.connect, "connection refused", mayHaveRun: false) }
        state.withLock { $0.callCounts[method, default: 0] += 1 }
        let reply = try body(handler)
        if fate == .lostReply { throw fail(.timeout, "no answer in time", mayHaveRun: true) }
        return reply
    }

    private func fate(from caller: String, to address: NetworkAddress) -> Link {
        guard reaches(caller, address.host) else { return .lostRequest }
        let link = state.withLock { state in
            state.links[LinkKey(caller: caller, address: address)]
                ?? state.links[LinkKey(caller: caller, address: nil)] ?? .up
        }
        guard case .lossy(let oneIn) = link, let random else { return link }
        guard random.oneIn(max(1, oneIn)) else { return .up }
        return random.oneIn(2) ? .lostReply : .lostRequest
    }
}
