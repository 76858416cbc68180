internal import Glibc

/// A TCP socket under the test's hand: it sends what no client of ours would.
public final class RawConnection {
    private let fd: Int32

    /// - Parameter source: the address of this end, one of 127.0.0.0/8.
    public init(port: Int32, from source: String = "127.0.0.1") throws {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { throw FixtureError("socket: errno \(errno)") }
        self.fd = fd
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        guard inet_pton(AF_INET, source, &own.sin_addr) == 1 else { throw FixtureError("\(source) is no address") }
        let bound = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else { throw FixtureError("bind to \(source): errno \(errno)") }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw FixtureError("connect: errno \(errno)") }
        setReceiveTimeout(seconds: 20)
    }

    init(accepted fd: Int32) {
        self.fd = fd
        setReceiveTimeout(seconds: 20)
    }

    deinit { close(fd) }

    private func setReceiveTimeout(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// False when the peer has closed.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(fd, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Nothing more comes from here; the peer's answers are still received.
    public func endSending() { shutdown(fd, Int32(SHUT_WR)) }

    /// Exactly so many bytes, or fewer when the peer closed before.
    public func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes { recv(fd, $0.baseAddress! + have, count - have, 0) }
            if got <= 0 { break }
            have += got
        }
        return Array(bytes.prefix(have))
    }

    /// Waits until the peer closes; false when it is still open after the receive timeout, or sent something.
    public func isClosedByPeer() -> Bool {
        var byte: UInt8 = 0
        let got = recv(fd, &byte, 1, 0)
        return got == 0 || (got < 0 && errno == ECONNRESET)
    }
}

/// A listener that does only what a test says.
/// Sendable: its descriptor never changes.
public final class RawListener: Sendable {
    private let fd: Int32
    public let port: Int32

    public init(port wanted: Int32 = 0) throws {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(wanted).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = self.fd
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, size) | listen(fd, 16) | getsockname(fd, $0, &size)
            }
        }
        port = Int32(UInt16(bigEndian: address.sin_port))
        guard code == 0 else { throw FixtureError("listen: errno \(errno)") }
    }

    deinit { close(fd) }

    public func accept() throws -> RawConnection {
        let accepted = Glibc.accept(fd, nil, nil)
        guard accepted >= 0 else { throw FixtureError("accept: errno \(errno)") }
        return RawConnection(accepted: accepted)
    }
}
