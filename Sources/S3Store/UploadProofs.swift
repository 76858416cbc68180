internal import Synchronization

/// What a store has learnt from its answers of how the arrival of bytes can be proven. Nothing of it is for good: the next
/// answer that says otherwise takes it back.
final class UploadProofs: Sendable {
    /// Servers treat them differently, so each is learnt alone.
    enum Kind: Int, CaseIterable, Sendable { case object, part, completion }

    /// What an ETag of the form of an MD5 is.
    enum ETagMeaning: Hashable, Sendable {
        case unknown
        /// The last one was the MD5 of what was sent.
        case md5
        /// The last one was not, and the bytes were read back and are right.
        case opaque
    }

    private struct Learnt {
        /// nil until the first answer.
        var meaning: ETagMeaning?
        /// How many more uploads are declared because the server refused one that was not.
        var declaredLeft = 0
    }
    private let learnt = Mutex(Array(repeating: Learnt(), count: Kind.allCases.count))

    /// A server that demanded `Content-MD5` is tried again without after so many uploads: the demand (an object lock, say)
    /// may be gone, and asking costs one refused request.
    static let usesOfARefusal = 1000

    /// How the next streamed upload is to be proven; takes one use of a refusal. A first part goes by what whole objects have
    /// shown.
    func next(_ kind: Kind) -> UploadBody.Proof {
        learnt.withLock { learnt in
            let own = learnt[kind.rawValue]
            if own.declaredLeft > 0 {
                learnt[kind.rawValue].declaredLeft -= 1
                return .declared
            }
            let meaning = own.meaning ?? learnt[Kind.object.rawValue].meaning
            return meaning == .md5 ? .compared : .declared
        }
    }

    func meaning(_ kind: Kind) -> ETagMeaning { learnt.withLock { $0[kind.rawValue].meaning ?? .unknown } }

    func note(_ kind: Kind, _ meaning: ETagMeaning) { learnt.withLock { $0[kind.rawValue].meaning = meaning } }

    /// The server refused an upload that was not declared.
    func mustDeclare(_ kind: Kind) {
        learnt.withLock { $0[kind.rawValue].declaredLeft = UploadProofs.usesOfARefusal }
    }
}
