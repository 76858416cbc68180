internal import Glibc

/// One connection of the faulty server: reads requests, carries answers out. Owned by one thread.
final class FaultyConnection {
    let descriptor: Int32
    private let number: Int
    private var buffered: [UInt8] = []

    init(_ descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    func finish() { close(descriptor) }

    // MARK: reading

    /// nil when the peer has gone or does not speak HTTP.
    func readRequest(bodyLimitBytes: Int) -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        let first = (lines.first ?? "").split(separator: " ")
        guard first.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard length <= bodyLimitBytes else { return nil }
        if headers["expect"] == "100-continue" {
            guard send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        let isChunked = headers["transfer-encoding"] == "chunked"
        guard let body = isChunked ? readChunks(limit: bodyLimitBytes) : read(count: length) else { return nil }
        return ReceivedRequest(
            method: String(first[0]), target: String(first[1]), headers: headers, body: body, connection: number)
    }

    private static let headLimit = 64 << 10
    private static let headEnd = Array("\r\n\r\n".utf8)

    private func readHead() -> [UInt8]? {
        var searched = 0
        while true {
            while searched + 4 <= buffered.count {
                if buffered[searched..<searched + 4].elementsEqual(FaultyConnection.headEnd) {
                    let head = Array(buffered[..<searched])
                    buffered.removeFirst(searched + 4)
                    return head
                }
                searched += 1
            }
            guard buffered.count < FaultyConnection.headLimit, receive() else { return nil }
        }
    }

    private func readChunks(limit: Int) -> [UInt8]? {
        var body: [UInt8] = []
        while body.count <= limit {
            guard let line = readLine(), let size = Int(line, radix: 16) else { return nil }
            guard let chunk = read(count: size), readLine() == "" else { return nil }
            if size == 0 { return body }
            body += chunk
        }
        return nil
    }

    private func readLine() -> String? {
        while true {
            if let end = buffered.firstIndex(of: 13), end + 1 < buffered.count {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered.removeFirst(end + 2)
                return line
            }
            guard receive() else { return nil }
        }
    }

    private func read(count: Int) -> [UInt8]? {
        while buffered.count < count { guard receive() else { return nil } }
        let body = Array(buffered[..<count])
        buffered.removeFirst(count)
        return body
    }

    /// Waits for more bytes; false at the end of the connection.
    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffered += piece[..<count]
        return true
    }

    // MARK: answering

    /// True when the connection may serve another request.
    func carryOut(_ answer: FaultyAnswer, for request: ReceivedRequest) -> Bool {
        switch answer {
        case .respond(let status, let headers, let body):
            let isHead = request.method == "HEAD"
            let length = isHead ? headers["Content-Length"] ?? String(body.count) : String(body.count)
            return send(head(status, headers.merging(["Content-Length": length]) { $1 }) + (isHead ? [] : body))
        case .truncated(let status, let declared, let body):
            _ = send(head(status, ["Content-Length": String(declared)]) + body)
            return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        case .silence:
            while receive() { buffered = [] }
            return false
        case .stall(let status, let declared, let body):
            _ = send(head(status, ["Content-Length": String(declared)]) + body)
            while receive() { buffered = [] }
            return false
        case .raw(let bytes):
            _ = send(bytes)
            return false
        }
    }

    private func head(_ status: Int, _ headers: [String: String]) -> [UInt8] {
        var head = "HTTP/1.1 \(status) Status\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array((head + "\r\n").utf8)
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
