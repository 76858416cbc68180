/// What a refusal of etcd means: its gRPC status and words (`rpctypes/error.go` of etcd 3.4).
enum EtcdAnswerCode {
    enum Verdict: Hashable {
        /// etcd looked at the call and did nothing.
        case refused(EtcdError.Code)
        /// The member could not carry it out, and it may have reached others: ask another one.
        case unsettled
        /// There is no token, or it is none any more: get a new one and ask again.
        case tokenRefused
        /// etcd has no users: a token is not needed.
        case authenticationIsOff
    }

    private static let unauthenticated: Int64 = 16

    static func verdict(grpc: Int64, message: String) -> Verdict {
        func says(_ words: String) -> Bool { message.contains(words) }
        if says("database space exceeded") { return .refused(.noSpace) }
        if says("request is too large") || says("message larger than max") { return .refused(.tooLarge) }
        if says("revision has been compacted") { return .refused(.compacted) }
        if says("requested lease not found") { return .refused(.leaseGone) }
        if says("authentication is not enabled") { return .authenticationIsOff }
        // No name: etcd has had no users until now.
        if grpc == unauthenticated || says("revision of auth store is old") || says("user name is empty") {
            return .tokenRefused
        }
        if says("permission denied") || says("authentication failed") {
            return .refused(.notAuthorized)
        }
        switch grpc {
        // Not found, exists already, resources (`too many requests`: before anything is done), precondition, range, no such
        // method, invalid.
        case 3, 5, 6, 8, 9, 11, 12: return .refused(.refused)
        case 7: return .refused(.notAuthorized)
        default: return .unsettled
        }
    }
}
