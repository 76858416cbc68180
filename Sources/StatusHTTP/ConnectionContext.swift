public import Hummingbird
internal import NIOCore

/// What a request's handlers know besides the request: the connection it came by.
public struct ConnectionContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Address of the other side, without its port; nil when nobody knows it any longer.
    public var remoteHost: String? { channel.remoteAddress?.ipAddress }
}
