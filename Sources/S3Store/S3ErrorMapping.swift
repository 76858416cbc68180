internal import CurlHTTP
internal import Platform

/// Turns what a server or curl said into `ObjectStoreError`, without any secret.
struct S3ErrorMapping: Sendable {
    /// Texts that must never show, whatever a server echoes.
    let secrets: [String]

    // MARK: no complete answer

    func failure(_ error: HTTPTransferError, _ call: S3Call) -> AttemptFailure {
        let mapped = ObjectStoreError(
            code(of: error.code), operation: call.operation, key: call.key ?? "", httpStatus: error.httpStatus,
            message: cleaned("\(error.message) (\(error.url))"), isRetryable: error.isRetryable)
        return AttemptFailure(mapped, sourceError: error.code == .bodySource ? error.cause : nil)
    }

    private func code(of code: HTTPTransferError.Code) -> ObjectStoreError.Code {
        switch code {
        case .invalidRequest, .redirect, .tooLarge: .invalidRequest
        case .resolve, .connect, .reset: .network
        case .tls: .tls
        case .timeout: .timeout
        case .truncated: .truncated
        case .cancelled: .cancelled
        case .queueFull: .throttled
        case .bodySource, .bodyConsumer, .other: .other
        }
    }

    // MARK: an answer that refuses

    func failure(_ response: HTTPResponse, _ call: S3Call) -> AttemptFailure {
        let answer = S3ErrorAnswer(response.body)
        // No S3 error: what many servers say, in words of their own, to plain HTTP on their TLS port.
        if answer == nil, response.status == 400,
            String(decoding: response.body.prefix(4096), as: UTF8.self).contains("HTTPS")
        {
            return failure(
                status: 400,
                answer: S3ErrorAnswer(
                    code: "TLS",
                    message: "the server speaks TLS on this port, and the endpoint says http: give it as https://"),
                call)
        }
        return failure(status: response.status, answer: answer, retryAfter: RetryAfter.delay(response), call)
    }

    func failure(
        status: Int, answer: S3ErrorAnswer?, retryAfter: Duration? = nil, _ call: S3Call
    ) -> AttemptFailure {
        let (code, isRetryable) = S3ErrorMapping.classify(status: status, code: answer?.code, isKey: call.key != nil)
        var message = answer.map { $0.message.isEmpty ? $0.code : "\($0.code): \($0.message)" } ?? "refused"
        if let hint = S3ErrorMapping.hint(answer?.code, status: status, call) { message += " (\(hint))" }
        let error = ObjectStoreError(
            code, operation: call.operation, key: call.key ?? "", httpStatus: status, message: cleaned(message),
            isRetryable: isRetryable)
        return AttemptFailure(error, retryAfter: retryAfter)
    }

    /// The error code of the body decides where it says more than the status.
    static func classify(
        status: Int, code: String?, isKey: Bool
    ) -> (ObjectStoreError.Code, isRetryable: Bool) {
        switch code {
        case "NoSuchBucket": return (.noSuchBucket, false)
        case "NoSuchKey": return (.noSuchKey, false)
        case "NoSuchUpload": return (.invalidRequest, false)
        case "BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "XAmzContentChecksumMismatch":
            return (.checksumMismatch, true)
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired": return (.accessDenied, false)
        case "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests":
            return (.throttled, true)
        case "RequestTimeout": return (.timeout, true)
        case "IncompleteBody": return (.truncated, true)
        case "InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict":
            return (.unavailable, true)
        default: break
        }
        switch status {
        case 401, 403: return (.accessDenied, false)
        case 404: return (isKey ? .noSuchKey : .noSuchBucket, false)
        case 408: return (.timeout, true)
        case 429, 503: return (.throttled, true)
        case 501: return (.invalidRequest, false)
        case 500...599: return (.unavailable, true)
        case 300..<500: return (.invalidRequest, false)
        default: return (.other, false)
        }
    }

    /// The next step, where the cause is usually a setting.
    private static func hint(_ code: String?, status: Int, _ call: S3Call) -> String? {
        switch code {
        case "AccessDenied": return permission(for: call.operation).map { "the keys may lack the permission \($0)" }
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
            return "the session token has expired or is not of these keys: give the storage resource new ones"
        case "SignatureDoesNotMatch": return "check the secret key and the region of the storage resource"
        case "InvalidAccessKeyId": return "check the access key of the storage resource"
        case "RequestTimeTooSkewed": return "this machine's clock and the server's differ: set it by NTP"
        case "NoSuchBucket": return "create the bucket or correct its name in the storage resource"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect":
            return "check endpoint and region of the storage resource"
        default: break
        }
        return (300..<400).contains(status) ? "check endpoint and region of the storage resource" : nil
    }

    /// What a policy of the store must allow for the operation (docs/cooldown.md, "Permissions").
    static func permission(for operation: String) -> String? {
        switch operation {
        case "GetObject", "HeadObject": "s3:GetObject"
        case "ListObjectsV2", "HeadBucket": "s3:ListBucket"
        case "DeleteObject", "DeleteObjects": "s3:DeleteObject"
        case "AbortMultipartUpload": "s3:AbortMultipartUpload"
        case let other where other.hasPrefix("Put") || other.contains("Multipart") || other.hasPrefix("UploadPart"):
            "s3:PutObject"
        default: nil
        }
    }

    /// - Parameter message: may quote the server.
    func cleaned(_ message: String) -> String {
        var cleaned = message
        for secret in secrets where !secret.isEmpty { cleaned = cleaned.replacingEvery(secret, with: "***") }
        return cleaned
    }
}

extension String {
    func replacingEvery(_ part: String, with other: String) -> String {
        guard utf8.count >= part.utf8.count else { return self }
        var result = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
