internal import Foundation
internal import Synchronization

/// What a peer answers to a call.
enum PeerAnswer {
    /// nil: a method without a result.
    case value(WireValue?)
    /// The process ends here: the connection is cut, and no more are accepted.
    case processEnds
}

/// A Thrift server of one service, a thread a connection, which reads strictly.
///
/// What can't be read is answered as Java's processor does, with a PROTOCOL_ERROR, and the connection is closed, since the
/// rest of the message is lost.
final class PeerServer: Sendable {
    typealias Answer = @Sendable (_ method: String, _ arguments: WireRecord) -> PeerAnswer

    let port: Int32
    private let listener: Int32
    private let service: String
    private let schema: @Sendable () -> WireSchema
    private let findings: Findings
    private let answer: Answer
    private let state = Mutex(State())

    private struct State {
        var connections: [ObjectIdentifier: PeerSocket] = [:]
        var isStopped = false
    }

    /// - Parameters:
    ///   - schema: asked for each message: a peer may be upgraded.
    ///   - answer: called on connection threads, several at once.
    init(
        _ service: String, schema: @escaping @Sendable () -> WireSchema, findings: Findings, answer: @escaping Answer
    ) throws {
        (listener, port) = try PeerSocket.listen()
        self.service = service
        self.schema = schema
        self.findings = findings
        self.answer = answer
        start("peer-accept") { [listener] in PeerServer.accept(listener) { self } }
    }

    /// Cuts every connection and closes the port. Idempotent.
    func stop() {
        let open = state.withLock { state -> [PeerSocket]? in
            guard !state.isStopped else { return nil }
            state.isStopped = true
            return Array(state.connections.values)
        }
        guard let open else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in open { connection.cut() }
    }

    /// As when the process ends and another one takes its port at once.
    func cutConnections() {
        for connection in state.withLock({ Array($0.connections.values) }) { connection.cut() }
    }

    private static func accept(_ listener: Int32, _ server: () -> PeerServer) {
        while true {
            let accepted = Glibc.accept(listener, nil, nil)
            guard accepted >= 0 else { break }
            let connection = PeerSocket(accepted: accepted, timeoutSeconds: 600)
            let server = server()
            let isOpen = server.state.withLock { state in
                if !state.isStopped { state.connections[ObjectIdentifier(connection)] = connection }
                return !state.isStopped
            }
            guard isOpen else { continue }
            PeerServer.start("peer-connection") {
                server.serve(connection)
                server.state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
            }
        }
        close(listener)
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) { Self.start(name, body) }

    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func serve(_ connection: PeerSocket) {
        do {
            while try serveOne(connection) {}
        } catch {
            // The caller has gone, or the message broke off: the next call comes on another connection.
        }
        connection.cut()
    }

    /// False when the connection is to be closed.
    private func serveOne(_ connection: PeerSocket) throws -> Bool {
        let schema = schema()
        var reader = StrictReader(schema, connection, findings)
        let head = try MessageHead(from: &reader)
        guard let method = schema.method(head.name, of: service) else {
            findings.record(.unknownMethod, head.name, "\(service) of this year has no such method")
            try refuse(head, "Invalid method name: '\(head.name)'", type: 1, schema, connection)
            return false
        }
        let arguments = try reader.structure(method.arguments, at: head.name)
        guard reader.unreadable.isEmpty else {
            try refuse(head, reader.unreadable.joined(separator: "; "), type: 7, schema, connection)
            return false
        }
        switch answer(head.name, arguments) {
        case .processEnds: return false
        case .value(let value):
            guard let result = method.result else { return true }
            var writer = StrictWriter(schema)
            MessageHead(.reply, head.name, head.sequence).write(to: &writer)
            let success = WireField(id: 0, name: "success", type: result, isRequired: false)
            try writer.structure(
                WireRecord("result", ["success": value]), as: WireStructure(name: "result", fields: [success]))
            try connection.write(writer.bytes)
            return true
        }
    }

    private func refuse(
        _ head: MessageHead, _ message: String, type: Int64, _ schema: WireSchema, _ connection: PeerSocket
    ) throws {
        var writer = StrictWriter(schema)
        MessageHead(.exception, head.name, head.sequence).write(to: &writer)
        try writer.structure(
            WireRecord("TApplicationException", ["message": .text(message), "type": .number(type)]),
            as: PeerClient.applicationException)
        try connection.write(writer.bytes)
    }
}
