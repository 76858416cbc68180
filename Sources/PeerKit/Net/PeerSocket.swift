internal import Glibc

/// A TCP connection on loopback: reads are buffered, as Doris' transports are.
/// Unchecked: one thread reads and writes, and `cut` of another is the kernel's to order.
final class PeerSocket: ByteSource, @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    init(accepted descriptor: Int32, timeoutSeconds: Int) {
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    convenience init(port: Int32, timeoutSeconds: Int) throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw WireEnd(description: "socket: errno \(errno)") }
        var address = Self.loopback(port)
        let code = Self.withAddress(&address) { connect(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        guard code == 0 else {
            let reason = errno
            close(made)
            throw WireEnd(description: "connect to 127.0.0.1:\(port): errno \(reason)")
        }
        self.init(accepted: made, timeoutSeconds: timeoutSeconds)
    }

    deinit { close(descriptor) }

    /// Wakes whoever reads it.
    func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func read(_ count: Int) throws -> ArraySlice<UInt8> {
        while buffer.count - position < count {
            if position > 0 {
                buffer.removeFirst(position)
                position = 0
            }
            var chunk = [UInt8](repeating: 0, count: max(16 << 10, count - buffer.count))
            let got = recv(descriptor, &chunk, chunk.count, 0)
            guard got > 0 else { throw WireEnd(description: got == 0 ? "closed by the peer" : "recv: errno \(errno)") }
            buffer += chunk.prefix(got)
        }
        defer { position += count }
        return buffer[position..<position + count]
    }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw WireEnd(description: "send: errno \(errno)") }
            sent += count
        }
    }

    // MARK: Listening

    static func listen() throws -> (descriptor: Int32, port: Int32) {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw WireEnd(description: "socket: errno \(errno)") }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withAddress(&address) {
            bind(made, $0, length) | Glibc.listen(made, 64) | getsockname(made, $0, &length)
        }
        guard code == 0 else {
            close(made)
            throw WireEnd(description: "can't listen on 127.0.0.1: errno \(errno)")
        }
        return (made, Int32(UInt16(bigEndian: address.sin_port)))
    }

    private static func loopback(_ port: Int32) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
