internal import Synchronization

/// How a call failed.
public enum CallFailure: Error, CustomStringConvertible {
    /// The server's own word: 1 = it has no such method, 7 = it could not read the message.
    case application(type: Int64, message: String)
    case transport(String)
    /// The answer can't be read by this year's IDL.
    case unreadable(String)

    public var description: String {
        switch self {
        case .application(let type, let message): "application exception \(type): \(message)"
        case .transport(let text): "transport: \(text)"
        case .unreadable(let text): "unreadable answer: \(text)"
        }
    }
}

/// Calls one service, one call at a time, over a connection that is kept.
final class PeerClient: Sendable {
    private let port: Int32
    private let service: String
    private let findings: Findings
    private let timeoutSeconds: Int
    private let connection = Mutex<PeerSocket?>(nil)
    private let sequence = Mutex<Int32>(0)

    static let applicationException = WireStructure(
        name: "TApplicationException",
        fields: [
            WireField(id: 1, name: "message", type: .text, isRequired: false),
            WireField(id: 2, name: "type", type: .i32, isRequired: false),
        ])

    init(_ service: String, port: Int32, findings: Findings, timeoutSeconds: Int = 10) {
        self.service = service
        self.port = port
        self.findings = findings
        self.timeoutSeconds = timeoutSeconds
    }

    /// - Throws: `CallFailure`.
    /// - Returns: nil for a method without a result.
    @discardableResult
    func call(_ name: String, _ arguments: [String: WireValue?] = [:], _ schema: WireSchema) throws -> WireValue? {
        guard let method = schema.method(name, of: service) else {
            throw UnwritableError(description: "\(service) of this year has no \(name)")
        }
        let number = sequence.withLock { last in
            last += 1
            return last
        }
        var writer = StrictWriter(schema)
        MessageHead(method.result == nil ? .oneway : .call, name, number).write(to: &writer)
        try writer.structure(WireRecord(name, arguments), as: method.arguments)
        return try connection.withLock { kept in
            var isKept = kept != nil
            do {
                let socket = try kept ?? PeerSocket(port: port, timeoutSeconds: timeoutSeconds)
                kept = socket
                do {
                    try socket.write(writer.bytes)
                    return try answer(method, number, socket, schema)
                } catch let end as WireEnd where isKept {
                    // A pooled connection may have been closed meanwhile: once more over a new one.
                    isKept = false
                    _ = end
                    let fresh = try PeerSocket(port: port, timeoutSeconds: timeoutSeconds)
                    kept = fresh
                    try fresh.write(writer.bytes)
                    return try answer(method, number, fresh, schema)
                }
            } catch let end as WireEnd {
                kept = nil
                throw CallFailure.transport("\(name): \(end)")
            } catch {
                kept = nil
                throw error
            }
        }
    }

    private func answer(
        _ method: WireMethod, _ number: Int32, _ socket: PeerSocket, _ schema: WireSchema
    ) throws -> WireValue? {
        guard let result = method.result else { return nil }
        let place = "\(method.name) answer"
        var reader = StrictReader(schema, socket, findings)
        let head = try MessageHead(from: &reader)
        guard head.name == method.name, head.sequence == number else {
            findings.record(.malformed, place, "answers \(head.name) \(head.sequence), not \(method.name) \(number)")
            throw CallFailure.unreadable("\(place) is of another call")
        }
        if head.kind == .exception {
            let said = try reader.structure(Self.applicationException, at: place)
            throw CallFailure.application(type: said.number("type") ?? 0, message: said.text("message") ?? "")
        }
        let success = WireField(id: 0, name: "success", type: result, isRequired: false)
        let record = try reader.structure(WireStructure(name: "result", fields: [success]), at: place)
        guard reader.unreadable.isEmpty else {
            throw CallFailure.unreadable(reader.unreadable.joined(separator: "; "))
        }
        guard let value = record.members["success"] else {
            findings.record(.missingRequired, place, "no result")
            throw CallFailure.unreadable("\(method.name) failed: unknown result")
        }
        return value
    }
}
