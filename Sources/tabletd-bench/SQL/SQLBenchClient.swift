internal import Glibc
internal import ServerFixtures

/// A client of MySQL's protocol that only counts what it is sent, so that a measurement is the server's.
final class SQLBenchClient {
    struct Answer {
        var rows = 0
        /// Of the rows, lengths of values included, headers of packets not.
        var bytes = 0
    }

    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)
    private var start = 0
    private var end = 0

    /// Connects to this machine and logs in.
    init(port: Int, user: String, password: String = "") throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw BenchError("no SQL port at 127.0.0.1:\(port): errno \(errno)") }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let challenge = MySQLClientBytes.challenge(ofGreeting: try payload())
        let hello = MySQLClientBytes.hello(
            user: user, answer: MySQLClientBytes.nativeAnswer(password, challenge), plugin: nil,
            flags: MySQLClientBytes.Flags.usual)
        try send(MySQLClientBytes.message(hello, sequence: 1))
        _ = try success(payload())
    }

    deinit { close(socket) }

    /// Sends a statement and takes its answer.
    func ask(_ statement: String) throws -> Answer {
        try send(MySQLClientBytes.query(statement))
        let first = try success(payload())
        var answer = Answer()
        guard first.first != 0 else { return answer }
        // Columns, of which there are fewer than 251, and the EOF behind them.
        for _ in 0...first[0] { _ = try payload() }
        while true {
            let (count, head) = try header()
            if head == 0xff || head == 0xfe && count < 9 {
                _ = try success(take(count))
                return answer
            }
            answer.rows += 1
            answer.bytes += count
            try skip(count)
        }
    }

    private func success(_ payload: [UInt8]) throws -> [UInt8] {
        guard payload.first != 0xff else {
            throw BenchError("the SQL port refused: \(String(decoding: payload.dropFirst(3), as: UTF8.self))")
        }
        return payload
    }

    // MARK: Bytes

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchError("the SQL port closed the connection") }
            sent += count
        }
    }

    private func payload() throws -> [UInt8] { try take(header().count) }

    /// Length of the next payload, and its first byte, which stays.
    private func header() throws -> (count: Int, head: UInt8) {
        try need(4)
        let count = Int(buffer[start]) | Int(buffer[start + 1]) << 8 | Int(buffer[start + 2]) << 16
        start += 4
        guard count > 0 else { return (0, 0) }
        try need(1)
        return (count, buffer[start])
    }

    private func take(_ count: Int) throws -> [UInt8] {
        try need(count)
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    private func skip(_ count: Int) throws {
        var left = count
        while left > end - start {
            left -= end - start
            start = end
            try need(1)
        }
        start += left
    }

    /// So many bytes are in the buffer.
    private func need(_ count: Int) throws {
        guard count <= buffer.count else { throw BenchError("a packet of \(count) bytes where a short one belongs") }
        if start == end { (start, end) = (0, 0) }
        if buffer.count - start < count {
            _ = buffer.withUnsafeMutableBytes { memmove($0.baseAddress!, $0.baseAddress! + start, end - start) }
            (start, end) = (0, end - start)
        }
        while end - start < count {
            let got = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + end, $0.count - end, 0) }
            guard got > 0 else { throw BenchError("the SQL port closed the connection") }
            end += got
        }
    }
}
