internal import HTTPAPI
internal import HTTPTypes
internal import StatusHTTP

/// The one place where the master's errors get their HTTP status.
func problem(_ error: MasterError) -> HTTPProblem {
    let status: HTTPResponse.Status =
        switch error.code {
        case .notFound: .notFound
        case .alreadyExists, .conflict, .labelAlreadyExists: .conflict
        case .invalidArgument: .badRequest
        case .unavailable, .readOnly, .outcomeUnknown: .serviceUnavailable
        case .notAuthorized: .forbidden
        case .tooLarge: .contentTooLarge
        case .internalError: .internalServerError
        }
    let message = error.nextStep.isEmpty ? error.message : "\(error.message); \(error.nextStep)"
    return HTTPProblem(status, code: error.code.rawValue, message: message)
}
