internal import CCurl
internal import TabletModel

/// Sets a curl easy handle up for one request. The handle may have served another before.
struct EasyHandleSetup {
    let configuration: HTTPClientConfiguration

    /// Bodies up to this size travel in one write with their headers.
    private static let inlineBodyBytes: Int64 = 64 << 10
    private static let largeSendBufferBytes = 512 << 10
    private static let caFileLifeSeconds = 60

    func apply(to active: ActiveTransfer) throws(HTTPTransferError) {
        let request = active.request
        let option = Options(active: active)
        try option.set(CURLOPT_URL, url(request))
        try option.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try option.set(CURLOPT_PATH_AS_IS, 1)
        try option.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try option.set(CURLOPT_NOSIGNAL, 1)
        try option.set(CURLOPT_NOPROGRESS, 1)
        try option.set(CURLOPT_TCP_KEEPALIVE, 1)
        try option.set(CURLOPT_MAXAGE_CONN, Int(configuration.idleConnectionLife.components.seconds))
        try option.set(CURLOPT_USERAGENT, configuration.userAgent)
        // An empty text means no proxy; unset would ask the environment.
        try option.set(CURLOPT_PROXY, configuration.proxy ?? "")
        try option.set(CURLOPT_CONNECTTIMEOUT_MS, Int(request.timeouts.connect.wholeMilliseconds))
        try option.set(CURLOPT_BUFFERSIZE, BodyPipe.pieceBytes)
        // Else a transfer that ends during a name lookup would hold up all others until the name server answers or is
        // given up, which takes far longer than any timeout of ours. The lookup's own thread ends by itself.
        try option.set(CURLOPT_QUICK_EXIT, 1)
        try setTLS(option, request)
        try setRedirects(option, request)
        try setCallbacks(option, active)
        try setMethod(option, request)
        try setHeaders(option, active)
        try setCredentials(option, request)
    }

    private func url(_ request: HTTPRequest) -> String {
        guard request.url.hasPrefix("cluster:") else { return request.url }
        return (configuration.peers.usesTLS ? "https:" : "http:") + request.url.dropFirst("cluster:".count)
    }

    private func setTLS(_ option: Options, _ request: HTTPRequest) throws(HTTPTransferError) {
        try option.set(CURLOPT_SSL_VERIFYPEER, configuration.verifiesTLS ? 1 : 0)
        try option.set(CURLOPT_SSL_VERIFYHOST, configuration.verifiesTLS ? 2 : 0)
        if let caFile = request.isForPeer ? configuration.peers.caFile : configuration.caFile {
            try option.set(CURLOPT_CAINFO, caFile)
        }
        if let certificate = configuration.certificate {
            try option.set(CURLOPT_SSLCERT, certificate.certificateFile)
            try option.set(CURLOPT_SSLKEY, certificate.keyFile)
        }
        // curl would go on with what it once read for a day: a file that was replaced counts within this.
        try option.set(CURLOPT_CA_CACHE_TIMEOUT, EasyHandleSetup.caFileLifeSeconds)
    }

    private func setRedirects(_ option: Options, _ request: HTTPRequest) throws(HTTPTransferError) {
        guard request.redirectLimit > 0 else { return }
        try option.set(CURLOPT_FOLLOWLOCATION, 1)
        try option.set(CURLOPT_MAXREDIRS, request.redirectLimit)
        try option.set(CURLOPT_REDIR_PROTOCOLS_STR, request.url.isHTTPS ? "https" : "http")
    }

    private func setCallbacks(_ option: Options, _ active: ActiveTransfer) throws(HTTPTransferError) {
        let context = Unmanaged.passUnretained(active).toOpaque()
        try option.set(CURLOPT_PRIVATE, context)
        try option.set(CURLOPT_ERRORBUFFER, active.errorText)
        try option.set(CURLOPT_HEADERFUNCTION, CurlCallbacks.header)
        try option.set(CURLOPT_HEADERDATA, context)
        try option.set(CURLOPT_WRITEFUNCTION, CurlCallbacks.write)
        try option.set(CURLOPT_WRITEDATA, context)
    }

    /// A body always goes the way of a POST with the method's name changed: a PUT would send `Expect: 100-continue` at
    /// any size, and switching that off with an empty header breaks curl 7.88's signature. As a POST it asks first only
    /// from 1 MiB on, which is where it pays.
    private func setMethod(_ option: Options, _ request: HTTPRequest) throws(HTTPTransferError) {
        if let body = request.body {
            try option.set(CURLOPT_POST, 1)
            try option.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.sizeBytes ?? -1)
            try setBody(option, body, isKeptByCurl: request.mayBeSentAgain)
        } else if request.method == .post || request.method == .put {
            try option.set(CURLOPT_POST, 1)
            try option.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: 0)
            try option.set(CURLOPT_COPYPOSTFIELDS, "")
        } else if request.method == .head {
            try option.set(CURLOPT_NOBODY, 1)
            return
        }
        try option.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }

    /// - Parameter isKeptByCurl: a small one may be; curl then asks nobody before it sends it again.
    private func setBody(_ option: Options, _ body: HTTPBody, isKeptByCurl: Bool) throws(HTTPTransferError) {
        if case .bytes(let bytes) = body, isKeptByCurl, Int64(bytes.count) <= EasyHandleSetup.inlineBodyBytes {
            // Copied by curl, `POSTFIELDSIZE` bytes of it.
            let code = bytes.withUnsafeBytes { buffer in
                let start = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
                return ccurl_set_pointer(
                    option.handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
            }
            return try option.check(code, CURLOPT_COPYPOSTFIELDS)
        }
        let context = Unmanaged.passUnretained(option.active).toOpaque()
        try option.set(CURLOPT_UPLOAD_BUFFERSIZE, EasyHandleSetup.largeSendBufferBytes)
        try option.set(CURLOPT_READFUNCTION, CurlCallbacks.read)
        try option.set(CURLOPT_READDATA, context)
        try option.check(ccurl_set_seek_callback(option.handle, CurlCallbacks.seek), CURLOPT_SEEKFUNCTION)
        try option.set(CURLOPT_SEEKDATA, context)
    }

    private func setHeaders(_ option: Options, _ active: ActiveTransfer) throws(HTTPTransferError) {
        let request = active.request
        var lines = request.headers
        if let range = request.range {
            guard range.lowerBound >= 0, !range.isEmpty else {
                throw active.transfer.error(.invalidRequest, "byte range \(range) asks for nothing")
            }
            lines.append(HTTPHeader("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        }
        // Else curl would call the body a form.
        if request.body != nil, !lines.contains(where: { $0.name.equalsIgnoringASCIICase("content-type") }) {
            lines.append(HTTPHeader("Content-Type", "application/octet-stream"))
        }
        // How curl is told that the length is not known.
        if case .stream? = request.body { lines.append(HTTPHeader("Transfer-Encoding", "chunked")) }
        for line in lines {
            guard line.isWellFormed else {
                throw active.transfer.error(.invalidRequest, "header \(line.name) has no value or control characters")
            }
            guard let grown = curl_slist_append(active.headerList, "\(line.name): \(line.value)") else {
                throw active.transfer.error(.other, "out of memory for headers")
            }
            active.headerList = grown
        }
        try option.check(ccurl_set_list(option.handle, CURLOPT_HTTPHEADER, active.headerList), CURLOPT_HTTPHEADER)
    }

    private func setCredentials(_ option: Options, _ request: HTTPRequest) throws(HTTPTransferError) {
        guard let credentials = request.credentials else { return }
        guard !credentials.region.contains(":"), !credentials.service.contains(":") else {
            throw option.active.transfer.error(.invalidRequest, "region or service holds a colon")
        }
        try option.set(CURLOPT_AWS_SIGV4, "aws:amz:\(credentials.region):\(credentials.service)")
        try option.set(CURLOPT_USERNAME, credentials.accessKey)
        try option.set(CURLOPT_PASSWORD, credentials.secretKey)
    }

    /// `curl_easy_setopt` with its result checked.
    struct Options {
        let active: ActiveTransfer
        var handle: UnsafeMutableRawPointer { active.handle }

        func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPTransferError) {
            guard code == CURLE_OK else {
                let message = "curl option \(option.rawValue): " + String(cString: curl_easy_strerror(code))
                throw active.transfer.error(
                    .invalidRequest, curlCode: Int32(bitPattern: code.rawValue), message)
            }
        }

        func set(_ option: CURLoption, _ value: Int) throws(HTTPTransferError) {
            try check(ccurl_set_long(handle, option, value), option)
        }

        func set(_ option: CURLoption, offset value: Int64) throws(HTTPTransferError) {
            try check(ccurl_set_offset(handle, option, value), option)
        }

        /// curl copies the text.
        func set(_ option: CURLoption, _ value: String) throws(HTTPTransferError) {
            try check(ccurl_set_string(handle, option, value), option)
        }

        func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(HTTPTransferError) {
            try check(ccurl_set_pointer(handle, option, value), option)
        }

        func set(_ option: CURLoption, _ callback: ccurl_data_callback) throws(HTTPTransferError) {
            try check(ccurl_set_data_callback(handle, option, callback), option)
        }
    }
}

extension HTTPHeader {
    /// Non-empty, and nothing that could end the line. (curl takes an empty value for "remove this header".)
    var isWellFormed: Bool {
        !name.isEmpty && !value.isEmpty && !name.utf8.contains { $0 <= 32 || $0 == 58 || $0 >= 127 }
            && !value.utf8.contains { $0 < 32 || $0 == 127 }
    }
}

extension String {
    var isHTTPS: Bool { prefix(8).equalsIgnoringASCIICase("https://") }
}

extension Substring {
    func equalsIgnoringASCIICase(_ other: String) -> Bool { String(self).equalsIgnoringASCIICase(other) }
}
