/// `TStatus`: the answer to an RPC, or the end of a task.
public struct RPCStatus: Hashable, Sendable, Codable, CustomStringConvertible {
    public var code: StatusCode
    /// Empty when the code is OK, as a C++ BE sends it.
    public var messages: [String]

    public init(_ code: StatusCode, _ messages: [String] = []) {
        self.code = code
        self.messages = messages
    }

    public init(_ code: StatusCode, _ message: String) { self.init(code, [message]) }

    public static let ok = RPCStatus(.ok)
    public var isOK: Bool { code == .ok }
    public var description: String {
        messages.isEmpty ? code.description : "\(code): \(messages.joined(separator: "; "))"
    }
}
