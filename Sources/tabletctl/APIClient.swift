import ByteText
import CurlHTTP
import Foundation
import Platform

/// Calls the HTTP API of the FE and of BEs. Blocking.
struct APIClient {
    /// Frontends of one cluster: the next one is asked where one can't be reached.
    let addresses: [String]
    private let http: HTTPClient
    /// Who asks, for the frontends and backends of the cluster.
    private let login: [HTTPHeader]

    /// - Parameters:
    ///   - address: host:port, of several with "," between.
    ///   - login: nil: nobody in particular, as whoever is on the frontend's own machine may be.
    ///   - caFile: the CA that signed the servers' certificates; nil: the system's.
    init(address: String, login: Login? = nil, caFile: String? = nil) throws {
        self.login = login.map { [$0.header] } ?? []
        addresses = address.split(separator: ",").map { String($0) }
        guard !addresses.isEmpty else { throw CLIError.usage("--fe names no frontend: it is host:port") }
        do {
            http = try HTTPClient(
                configuration: HTTPClientConfiguration(
                    name: "tabletctl", caFile: caFile, userAgent: "tabletctl"))
        } catch {
            throw CLIError.failed("the HTTP client could not start: \(error)")
        }
    }

    func get(_ path: String) throws -> [UInt8] { try call(HTTPRequest(.get, path, responseLimitBytes: 1 << 30)) }

    func post(_ path: String) throws -> [UInt8] { try call(HTTPRequest(.post, path, body: .bytes([]))) }

    func post(_ path: String, _ body: some Encodable) throws -> [UInt8] {
        try call(HTTPRequest(.post, path, headers: jsonHeaders, body: .bytes(try encode(body))))
    }

    func put(_ path: String, _ body: some Encodable) throws -> [UInt8] {
        try call(HTTPRequest(.put, path, headers: jsonHeaders, body: .bytes(try encode(body))))
    }

    func delete(_ path: String) throws -> [UInt8] { try call(HTTPRequest(.delete, path)) }

    /// Sends a file as the body; `stall` bounds the time in which nothing moves, not the whole. What a pipe's other end takes
    /// its time for is nobody's fault.
    func upload(_ path: String, headers: [HTTPHeader], body: HTTPBody) throws -> [UInt8] {
        var request = HTTPRequest(.put, path, headers: headers, body: body)
        request.timeouts.stall = body.sizeBytes == nil ? .zero : .seconds(120)
        request.timeouts.answer = .seconds(120)
        return try call(request)
    }

    /// Streams an answer of any server: a BE's rows.
    /// - Parameter token: of the frontend's plan; it is all that a BE asks for.
    func stream(_ url: String, token: String?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let response: HTTPResponse
        do {
            var request = HTTPRequest(.get, url, headers: token.map { [HTTPHeader("token", $0)] } ?? [])
            request.timeouts.stall = .seconds(120)
            request.timeouts.answer = .seconds(120)
            response = try http.stream(request, body)
        } catch {
            throw CLIError.unreachable("\(error)")
        }
        guard response.isSuccess else { throw problem(response, of: url) }
    }

    /// Asks a BE. Its error says what went wrong and nothing about the FE; waits a few seconds at most.
    func getBackend(_ host: String, _ port: Int32, _ path: String) throws -> [UInt8] {
        var request = HTTPRequest(
            .get, "\(scheme)://\(host):\(port)\(path)", headers: login, responseLimitBytes: 256 << 20)
        request.timeouts.connect = .seconds(2)
        request.timeouts.answer = .seconds(10)
        let response: HTTPResponse
        do {
            response = try http.execute(request)
        } catch {
            throw CLIError.unreachable(error.message)
        }
        guard response.isSuccess else { throw problem(response, of: request.url) }
        return response.body
    }

    /// Backends speak as the frontend does.
    var scheme: String { addresses.contains { $0.hasPrefix("https://") } ? "https" : "http" }

    private let jsonHeaders = [HTTPHeader("Content-Type", "application/json")]

    private func url(_ path: String, at address: String) -> String {
        address.contains("://") ? address + path : "http://" + address + path
    }

    private func encode(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }

    /// - Parameter request: its URL is the path.
    private func call(_ request: HTTPRequest) throws -> [UInt8] {
        var request = request
        request.headers += login
        let path = request.url
        for (number, address) in addresses.enumerated() {
            request.url = url(path, at: address)
            do {
                let response = try send(request)
                guard response.isSuccess else { throw problem(response, of: request.url) }
                return response.body
            } catch let error as HTTPTransferError {
                // Nothing was sent, so that nothing is done twice.
                if error.isUnsent, number + 1 < addresses.count { continue }
                throw CLIError.unreachable(
                    """
                    no answer from the FE at \(address) (\(error.message)); is tabletd-fe running there? --fe or TABLETD_FE says \
                    where to look
                    """)
            }
        }
        preconditionFailure("the last address was asked")
    }

    /// How often an FE is asked where the master is, and how long between.
    private static let looks = 20
    private static let lookAgain = Duration.milliseconds(500)

    /// An FE that follows says where the master is, whose the bytes are. It may not have heard yet that this one is gone: it is asked
    /// again until another is.
    private func send(_ request: HTTPRequest) throws(HTTPTransferError) -> HTTPResponse {
        for look in 1... {
            let response = try http.execute(request)
            guard response.status == 307, let location = response.header("Location") else { return response }
            var atMaster = request
            atMaster.url = location
            do {
                return try http.execute(atMaster)
            } catch {
                guard error.isUnsent, look < Self.looks else { throw error }
                try http.pause(Self.lookAgain)
            }
        }
        preconditionFailure("it is asked again for as long as it has to be")
    }

    /// The server's own sentence when it sent one.
    private func problem(_ response: HTTPResponse, of url: String) -> CLIError {
        struct Answer: Decodable {
            struct Problem: Decodable {
                var code: String
                var message: String
            }
            var error: Problem
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        let message =
            answer?.error.message ?? "HTTP \(response.status) from \(redactedURL(url))"
            + ServerReason.text(response.body)
        switch answer?.error.code {
        case "notFound": return .notFound(message)
        case "notAuthorized" where response.status == 401:
            return .failed(
                message
                    + "; say who you are with --user, and the password with TABLETD_PASSWORD, --password-file or at the prompt"
            )
        case "invalidArgument": return .usage(message)
        case "unavailable": return CLIError(exitCode: 1, message: message, isUnavailable: true)
        default: return .failed(message)
        }
    }
}

/// Decodes an answer of the API; one that does not fit means that the two sides are of different versions.
func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
        throw CLIError.failed("the FE's answer is not understood (is it another version of tabletd?): \(error)")
    }
}

/// A value as one path segment of a URL.
func pathSegment(_ text: String) -> String { PercentEncoding.encodeSegment(text) }

/// A value as the JSON that `--json` prints.
func encodeJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
}
