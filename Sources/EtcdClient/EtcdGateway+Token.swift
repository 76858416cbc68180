internal import Synchronization

extension EtcdGateway {
    private static let path = "/v3/auth/authenticate"

    /// What a call proves with whose it is; nil when etcd has no users, or no user is set. Asks the member for one where there
    /// is none yet.
    func currentToken(at endpoint: String, limit: Duration) throws(EtcdError) -> String? {
        guard let user = settings.user else { return nil }
        if let token = token.withLock({ $0 }) { return token.isEmpty ? nil : token }
        let body = JSONBody {
            $0.text("name", user)
            $0.text("password", settings.password ?? "")
        }
        var error: EtcdError
        do {
            let response = try send(Self.path, body, at: endpoint, token: nil, total: limit)
            switch judge(response, Self.path, endpoint, token: nil) {
            case .answer(let node):
                let fresh = node["token"]?.string ?? ""
                token.withLock { $0 = fresh }
                return fresh.isEmpty ? nil : fresh
            case .authenticationIsOff:
                token.withLock { $0 = "" }
                return nil
            case .refused(let refusal), .tokenRefused(_, let refusal):
                error = refusal
                error.code = .notAuthorized
            case .failed(let failure): error = failure
            }
        } catch let failure {
            error = failure
        }
        // The call that needs the token was not sent.
        error.isOutcomeUnknown = false
        throw error
    }

    /// It is none any more: the next call asks for a new one.
    /// - Parameter used: what was sent, nil: none; another one may have taken its place since.
    func forgetToken(_ used: String?) {
        token.withLock { token in
            if token ?? "" == used ?? "" { token = nil }
        }
    }
}
