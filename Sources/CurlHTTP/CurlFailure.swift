internal import CCurl

extension ActiveTransfer {
    /// curl's verdict in our words.
    func curlFailure(_ code: CURLcode) -> HTTPTransferError {
        let (kind, isRetryable) = ActiveTransfer.classify(code)
        return transfer.error(
            kind, curlCode: Int32(bitPattern: code.rawValue), httpStatus: status, isRetryable: isRetryable,
            ActiveTransfer.message(code, detail: errorText))
    }

    private static func classify(_ code: CURLcode) -> (HTTPTransferError.Code, isRetryable: Bool) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: (.resolve, true)
        case CURLE_COULDNT_CONNECT: (.connect, true)
        case CURLE_SSL_CONNECT_ERROR: (.tls, true)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_INVALIDCERTSTATUS:
            (.tls, false)
        case CURLE_OPERATION_TIMEDOUT: (.timeout, true)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND: (.reset, true)
        case CURLE_PARTIAL_FILE: (.truncated, true)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM: (.reset, true)
        case CURLE_TOO_MANY_REDIRECTS: (.redirect, false)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: (.invalidRequest, false)
        default: (.other, false)
        }
    }

    static func message(_ code: CURLcode, detail: UnsafePointer<CChar>) -> String {
        let specific = String(cString: detail)
        return specific.isEmpty ? String(cString: curl_easy_strerror(code)) : specific
    }
}
