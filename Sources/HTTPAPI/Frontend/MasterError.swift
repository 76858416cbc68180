/// Why the master refused or could not do what was asked. `nextStep` tells the person what to do about it.
/// Never carries a secret.
public struct MasterError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        case notFound
        case alreadyExists
        case invalidArgument
        /// Something that is needed is away now and may come back: a backend, a quorum, a free queue slot.
        case unavailable
        /// The thing is there but in a state that does not allow this.
        case conflict
        /// This FE is not the master, or its metadata can't be written; nothing was changed.
        case readOnly
        /// Whether the change was made can't be known yet; it is found out before any other change is made.
        case outcomeUnknown
        /// The label was used before; the load that used it is named in the message.
        case labelAlreadyExists
        case notAuthorized
        case tooLarge
        /// I/O of the FE itself failed.
        case internalError
    }

    public var code: Code
    public var message: String
    public var nextStep: String

    public init(_ code: Code, _ message: String, nextStep: String) {
        self.code = code
        self.message = message
        self.nextStep = nextStep
    }

    public var description: String { "\(message) (\(code.rawValue)); \(nextStep)" }
}
