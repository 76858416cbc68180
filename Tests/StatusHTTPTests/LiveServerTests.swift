import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServerFixtures
import ServiceLifecycle
import StatusHTTP
import Testing

/// The service on a real port.
@Suite struct LiveServerTests {
    private static func routes() -> HTTPService.Routes {
        let routes = HTTPService.makeRoutes()
        routes.get("health") { _, _ in try jsonResponse(["status": "OK"]) }
        routes.post("health") { _, _ in try jsonResponse(["status": "OK"]) }
        routes.put("body") { request, _ in
            let body = try await request.body.collect(upTo: 100)
            return textResponse("\(body.readableBytes) bytes")
        }
        routes.get("names/:name/of/:id") { _, context in
            let (name, id) = (try context.path("name"), try context.pathInteger("id"))
            return textResponse("\(name) of \(id)")
        }
        routes.put("refused") { _, _ -> Response in throw HTTPProblem.badRequest("not wanted") }
        return routes
    }

    /// Runs the service for the time of `body`, which gets its port.
    private func withServer(_ body: @escaping @Sendable (Int32) throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = HTTPService(
            routes: { Self.routes() }, host: "127.0.0.1", port: 0, logger: Logger(label: "test"),
            onListening: { port.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [service], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await bound in ports {
                try await Self.onThread { try body(Int32(bound)) }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The tests' sockets block; handlers need the other threads.
    private static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try body() }) }.start()
        }
    }

    /// What the server sends until it closes the connection.
    private static func ask(_ port: Int32, _ request: String) throws -> String {
        let connection = try RawConnection(port: port)
        connection.send(Array((request + "Connection: close\r\n\r\n").utf8))
        return String(decoding: connection.receive(1 << 16), as: UTF8.self)
    }

    // found C5
    @Test func headIsGetWithoutTheBodyAndOptionsTellsTheMethods() async throws {
        try await withServer { port in
            let get = try Self.ask(port, "GET /health HTTP/1.1\r\nHost: a\r\n")
            let head = try Self.ask(port, "HEAD /health HTTP/1.1\r\nHost: a\r\n")
            #expect(get.hasPrefix("HTTP/1.1 200"))
            #expect(get.hasSuffix("{\"status\":\"OK\"}\n"))
            #expect(head.hasPrefix("HTTP/1.1 200"))
            #expect(head.lowercased().contains("content-length: 16\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
            let options = try Self.ask(port, "OPTIONS /health HTTP/1.1\r\nHost: a\r\n")
            #expect(options.hasPrefix("HTTP/1.1 204"))
            #expect(options.lowercased().contains("allow: get, head, options, post\r\n"))
            #expect(try Self.ask(port, "OPTIONS /none HTTP/1.1\r\nHost: a\r\n").hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test(arguments: [
        ("plain/of/7", "plain of 7"), ("a%20b%25c/of/7", "a b%c of 7"), ("a+b/of/%37", "a+b of 7"),
        ("a%2fb%2Fc/of/-7", "a/b/c of -7"), ("%C3%BC/of/7", "ü of 7"), ("be1%3A9050/of/7", "be1:9050 of 7"),
    ])
    func aNameInThePathIsWhatTheClientEncoded(path: String, answer: String) async throws {
        try await withServer { port in
            let got = try Self.ask(port, "GET /names/\(path) HTTP/1.1\r\nHost: a\r\n")
            #expect(got.hasPrefix("HTTP/1.1 200") && got.hasSuffix("\r\n\r\n" + answer), "\(got)")
        }
    }

    @Test(arguments: ["50%/of/7", "%zz/of/7", "%ff/of/7", "a/of/x", "a/of/%2"])
    func aPathThatCanNotBeDecodedIsABadRequest(path: String) async throws {
        try await withServer { port in
            let got = try Self.ask(port, "GET /names/\(path) HTTP/1.1\r\nHost: a\r\n")
            #expect(got.hasPrefix("HTTP/1.1 400") && got.contains("\"invalidArgument\""), "\(got)")
        }
    }

    // found C6
    @Test func aClientThatAsksFirstIsToldToGoOnOnceTheBodyIsRead() async throws {
        try await withServer { port in
            let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
            let wanted = try RawConnection(port: port)
            wanted.send(Array("PUT /body \(head)".utf8))
            let invitation = "HTTP/1.1 100 Continue\r\n\r\n"
            #expect(String(decoding: wanted.receive(invitation.utf8.count), as: UTF8.self) == invitation)
            wanted.send(Array("12345".utf8))
            let answer = String(decoding: wanted.receive(1 << 16), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("5 bytes"))

            let refused = try RawConnection(port: port)
            refused.send(Array("PUT /refused \(head)".utf8))
            #expect(String(decoding: refused.receive(12), as: UTF8.self) == "HTTP/1.1 400")
        }
    }

    // found C1
    @Test func aPortThatIsTakenIsToldInOneLine() async throws {
        let taken = try RawListener()
        let service = HTTPService(
            routes: { Self.routes() }, host: "127.0.0.1", port: Int(taken.port), keys: "http_port and bind_host",
            logger: Logger(label: "test"))
        let error = await #expect(throws: HTTPListenError.self) { try await service.run() }
        #expect(
            error?.description
                == "can't listen on 127.0.0.1:\(taken.port) for HTTP: Address already in use (another process has the port); "
                + "see http_port and bind_host in the configuration")
    }

    // found C1
    @Test func anAddressOfAnotherMachineIsToldInOneLine() async throws {
        let service = HTTPService(
            routes: { Self.routes() }, host: "203.0.113.7", port: 0, logger: Logger(label: "test"))
        let error = await #expect(throws: HTTPListenError.self) { try await service.run() }
        #expect(error?.description.contains("203.0.113.7") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func aStopEndsConnectionsThatAreIdle() async throws {
        try await withServer { port in
            let idle = try RawConnection(port: port)
            idle.send(Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(String(decoding: idle.receive(12), as: UTF8.self) == "HTTP/1.1 200")
        }
    }
}
