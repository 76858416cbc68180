/// The ways to show that one knows a password.
public enum AuthenticationPlugin: String, Hashable, Sendable, CaseIterable {
    case native = "mysql_native_password"
    case cachingSHA2 = "caching_sha2_password"

    /// How long an answer to a challenge is.
    var answerLength: Int {
        switch self {
        case .native: 20
        case .cachingSHA2: 32
        }
    }

    /// What a client sends that has no password.
    func isEmptyAnswer(_ answer: ArraySlice<UInt8>) -> Bool {
        answer.isEmpty || self == .cachingSHA2 && answer.elementsEqual([0])
    }
}

/// Twenty random bytes that the proof of a password is made over. None is NUL, which ends them on the wire, and none is '$',
/// which separates what MySQL stores.
public enum LoginChallenge {
    public static let length = 20

    public static func make(using random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<length).map { _ in
            let byte = UInt8.random(in: 1...126, using: &random)
            return byte == UInt8(ascii: "$") ? 127 : byte
        }
    }
}
