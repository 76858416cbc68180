internal import AccessControl
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL

/// A connection before HTTP: closed at once when its caller may not be here, encrypted when it is to be.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let rules: PortRules

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        let host = channel.remoteAddress?.ipAddress ?? ""
        guard rules.allowedHosts.contains(host) else {
            rules.onRefused(host)
            return channel.close().flatMapThrowing { throw ChannelError.ioOnClosedChannel }
        }
        return channel.eventLoop.makeCompletedFuture {
            switch rules.encryption {
            case .none: break
            case .required(let context):
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context()))
            case .offered(let context):
                try channel.pipeline.syncOperations.addHandler(TLSDetector(context: context))
            }
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension GuardedChannel: HTTPChannelHandler where Base: HTTPChannelHandler {
    var responder: HTTPChannelHandler.Responder { base.responder }
}

/// Looks at the first byte: a handshake of TLS begins with 22, and no method of HTTP does.
private final class TLSDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let context: @Sendable () -> NIOSSLContext

    init(context: @escaping @Sendable () -> NIOSSLContext) { self.context = context }

    func channelRead(context channel: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return }
        if first == 22 {
            do {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: context()), position: .after(self))
            } catch {
                channel.fireErrorCaught(error)
                channel.close(promise: nil)
                return
            }
        }
        channel.fireChannelRead(wrapInboundOut(buffer))
        channel.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
