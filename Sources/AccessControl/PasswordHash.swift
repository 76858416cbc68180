internal import ByteText
internal import Crypto

/// What is kept of a password: enough to check any of the proofs that a client of MySQL's protocol or of HTTP sends, and not the
/// password. Whoever reads it can try passwords against it, so it is as secret as the metadata it lies in; it never leaves them
/// in an answer, a log line or a dump.
public struct PasswordHash: Hashable, Sendable {
    /// SHA1(SHA1(password)), what `mysql_native_password` compares: 20 bytes.
    public var native: [UInt8]
    /// SHA256(SHA256(password)), what the fast path of `caching_sha2_password` compares: 32 bytes.
    public var sha2: [UInt8]

    public init(native: [UInt8], sha2: [UInt8]) {
        self.native = native
        self.sha2 = sha2
    }

    public init(of password: String) {
        let bytes = Array(password.utf8)
        native = Self.sha1(Self.sha1(bytes))
        sha2 = Self.sha256(Self.sha256(bytes))
    }

    /// As it is stored: `*` and the first in hexadecimal, as MySQL shows it, then `$` and the second.
    public var text: String { "*\(Hexadecimal.text(native))$\(Hexadecimal.text(sha2))" }

    /// nil: it is none.
    public init?(text: String) {
        let parts = text.dropFirst().split(separator: "$", omittingEmptySubsequences: false)
        guard text.first == "*", parts.count == 2, let native = Hexadecimal.bytes(parts[0]), native.count == 20,
            let sha2 = Hexadecimal.bytes(parts[1]), sha2.count == 32
        else { return nil }
        self.init(native: native, sha2: sha2)
    }

    /// Whether the proof can only come from somebody who has the password. Compares in constant time.
    public func accepts(_ proof: PasswordProof) -> Bool {
        switch proof {
        case .clear(let password):
            return isEqual(Self.sha256(Self.sha256(Array(password.utf8))), sha2)
        case .native(let answer, let challenge):
            // answer = SHA1(p) xor SHA1(challenge + SHA1(SHA1(p))).
            guard answer.count == 20 else { return false }
            return isEqual(Self.sha1(xor(answer, Self.sha1(challenge + native))), native)
        case .sha2(let answer, let challenge):
            // answer = SHA256(p) xor SHA256(SHA256(SHA256(p)) + challenge).
            guard answer.count == 32 else { return false }
            return isEqual(Self.sha256(xor(answer, Self.sha256(sha2 + challenge))), sha2)
        case .none: return false
        }
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
    private static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

/// What a client shows of the password it knows.
public enum PasswordProof: Hashable, Sendable {
    case clear(String)
    /// `mysql_native_password`: 20 bytes over the challenge of the connection.
    case native(answer: [UInt8], challenge: [UInt8])
    /// `caching_sha2_password`, fast path: 32 bytes over the challenge of the connection.
    case sha2(answer: [UInt8], challenge: [UInt8])
    /// Nothing, as a client does that has no password.
    case none
}

private func xor(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { zip(a, b).map { $0 ^ $1 } }

/// Of equal length and content; takes as long whatever differs.
func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for (x, y) in zip(a, b) { difference |= x ^ y }
    return difference == 0
}
