internal import CThrift
public import Platform
public import TabletModel

/// A frontend's lines to other frontends.
public struct ThriftFrontendConnector: FrontendConnector {
    private let channels: ChannelPool

    /// Nothing is connected until the first call.
    public init(_ settings: ClientSettings = .heartbeatDefault, tls: ThriftTLS? = nil) {
        channels = ChannelPool(settings, tls)
    }

    public func connection(to rpc: NetworkAddress) -> any FrontendConnection {
        ThriftFrontendConnection(channel: channels.channel(to: rpc))
    }
}

struct ThriftFrontendConnection: FrontendConnection {
    let channel: ClientChannel

    func ping(_ request: PingRequest) throws -> PingReply {
        var message = wire.TFrontendPingFrontendRequest()
        message.clusterId = request.clusterID
        message.token = text(request.token)
        var result = wire.TFrontendPingFrontendResult()
        try channel.call("ping") { wire.callPing($0, message, &result) }
        return PingReply(result)
    }
}
