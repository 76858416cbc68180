import Glibc
import ServerFixtures

/// A TCP socket under the test's hand: it sends what no client of ours would.
final class RawConnection {
    private let fd: Int32

    init(port: Int32) throws {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { throw FixtureError("socket: errno \(errno)") }
        self.fd = fd
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw FixtureError("connect: errno \(errno)") }
        setReceiveTimeout(seconds: 20)
    }

    deinit { close(fd) }

    private func setReceiveTimeout(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// False when the peer has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
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

    /// Exactly so many bytes, or fewer when the peer closed before.
    func receive(_ count: Int) -> [UInt8] {
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
    func isClosedByPeer() -> Bool {
        var byte: UInt8 = 0
        let got = recv(fd, &byte, 1, 0)
        return got == 0 || (got < 0 && errno == ECONNRESET)
    }
}

/// Hexadecimal text to bytes.
func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).map { $0 <= UInt8(ascii: "9") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Big-endian, as TBinaryProtocol writes integers.
func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

/// The head of a strict call: version, name, sequence number.
func callHead(_ method: String, type: UInt8 = 1, sequence: Int32 = 0) -> [UInt8] {
    [0x80, 0x01, 0x00, type] + bytes(Int32(method.utf8.count)) + Array(method.utf8) + bytes(sequence)
}
