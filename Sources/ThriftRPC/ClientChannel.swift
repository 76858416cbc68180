internal import CThrift
internal import Platform
internal import Synchronization
internal import TabletModel

/// The connections to one address. `@unchecked Sendable`: the pointer never changes, `CThrift`'s calls are thread-safe,
/// and `deinit` runs when no call through this object is left.
final class ClientChannel: @unchecked Sendable {
    let address: NetworkAddress
    let settings: ClientSettings
    private let handle: OpaquePointer?

    /// - Parameter tls: nil: none is spoken.
    init(_ address: NetworkAddress, _ settings: ClientSettings, _ tls: ThriftTLS?) {
        self.address = address
        self.settings = settings
        var options = wire.ClientOptions()
        options.connectTimeoutMs = settings.connectTimeout.milliseconds
        options.callTimeoutMs = settings.callTimeout.milliseconds
        options.reportTimeoutMs = settings.reportTimeout.milliseconds
        options.maxIdleConnections = settings.maxIdleConnections
        options.maxReplyBytes = settings.maxReplyBytes
        options.tls = tls?.handle
        // The channel shares the keys from here on.
        handle = withExtendedLifetime(tls) { wire.makeChannel(text(address.host), address.port, options) }
    }

    deinit { wire.freeChannel(handle) }

    /// Calls that are out fail as `closed`, at once, and so do those that are begun later.
    func abandonCalls() { wire.abandonCalls(handle) }

    /// Runs one call; throws unless an answer came.
    func call(_ method: String, _ body: (OpaquePointer) -> wire.CallOutcome) throws(RPCError) {
        guard let handle else {
            throw RPCError(.other, method: method, peer: address, message: "out of memory", mayHaveRun: false)
        }
        let outcome = body(handle)
        guard outcome.code == wire.callOK else { throw error(method, outcome) }
    }

    func error(_ method: String, _ outcome: borrowing wire.CallOutcome) -> RPCError {
        let codes: [Int32: RPCError.Code] = [
            wire.callConnect: .connect, wire.callTimeout: .timeout, wire.callClosed: .closed,
            wire.callUnknownMethod: .unknownMethod, wire.callProtocol: .protocolError, wire.callTooLarge: .tooLarge,
        ]
        return RPCError(
            codes[outcome.code] ?? .other, method: method, peer: address, message: string(outcome.message),
            mayHaveRun: outcome.mayHaveRun)
    }
}

/// One channel an address, made when first asked for and kept for the connector's life: a cluster's addresses are few.
final class ChannelPool: Sendable {
    private let settings: ClientSettings
    private let tls: ThriftTLS?
    private let channels = Mutex<[NetworkAddress: ClientChannel]>([:])

    init(_ settings: ClientSettings, _ tls: ThriftTLS?) {
        self.settings = settings
        self.tls = tls
    }

    func channel(to address: NetworkAddress) -> ClientChannel {
        channels.withLock { channels in
            if let known = channels[address] { return known }
            let channel = ClientChannel(address, settings, tls)
            channels[address] = channel
            return channel
        }
    }
}
