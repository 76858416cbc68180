internal import CCurl
internal import Platform

/// A transfer while curl works on it: what curl's callbacks read and write. Lives on the engine's thread only.
final class ActiveTransfer {
    let transfer: HTTPTransfer
    let handle: UnsafeMutableRawPointer
    /// `CURLOPT_HTTPHEADER` keeps a pointer to it.
    var headerList: UnsafeMutablePointer<curl_slist>?
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    // The answer so far.
    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    private var bodyBegan = false
    private var window: RangeWindow?
    /// Why a callback told curl to stop; nil while all is well.
    private(set) var failure: HTTPTransferError?
    /// The window is complete and the connection was cut on purpose.
    private(set) var stoppedEarly = false

    // The request's body.
    private var bodyOffset: Int64 = 0
    /// For deadlines.
    var watch: TransferWatch

    init(_ transfer: HTTPTransfer, handle: UnsafeMutableRawPointer, now: Int64) {
        self.transfer = transfer
        self.handle = handle
        window = transfer.request.range.map { RangeWindow($0) }
        watch = TransferWatch(timeouts: transfer.request.timeouts, now: now)
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    var request: HTTPRequest { transfer.request }
    var bodyWasRead: Bool {
        guard let body = request.body else { return true }
        return body.sizeBytes.map { $0 == bodyOffset } ?? streamEnded
    }
    private var streamEnded = false
    var headersArrived: Bool { status >= 200 }
    var isPaused: Bool {
        if case .pipe(let pipe) = transfer.sink { return pipe.isPaused }
        return false
    }

    // MARK: callbacks

    static let maximumHeaders = 256

    /// One header line. False ends the transfer.
    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        if line.starts(with: "HTTP/".utf8) {
            // A new answer begins: the final one after 100 Continue or a redirect.
            status = ActiveTransfer.statusCode(line)
            headers.removeAll(keepingCapacity: true)
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        guard headers.count < ActiveTransfer.maximumHeaders else {
            return fail(.tooLarge, "the answer has more than \(ActiveTransfer.maximumHeaders) headers")
        }
        headers.append(HTTPHeader(text(line[..<colon]), text(line[(colon + 1)...])))
        return true
    }

    /// `HTTP/1.1 206 Partial Content` → 206
    private static func statusCode(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
        return Int(String(decoding: line[(space + 1)...].prefix(3), as: UTF8.self)) ?? 0
    }

    private func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 || $0 == 10 }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    enum ReceiveResult { case taken, pause, stop }

    /// A piece of the answer's body.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> ReceiveResult {
        guard beginBody() else { return .stop }
        guard (200..<300).contains(status) else { return collectErrorBody(bytes) }
        let wanted = window?.clip(bytes) ?? bytes
        switch transfer.sink {
        case .collect:
            guard body.count + wanted.count <= request.responseLimitBytes else {
                _ = fail(.tooLarge, "the answer is longer than the limit of \(request.responseLimitBytes) bytes")
                return .stop
            }
            body.append(contentsOf: wanted)
        case .pipe(let pipe):
            switch pipe.push(wanted) {
            case .accepted: break
            case .full: return .pause
            case .abandoned:
                _ = fail(.bodyConsumer, "the reader of the body stopped")
                return .stop
            }
        }
        window?.advance(bytes)
        return mayStopEarly(after: bytes.count) ? .stop : .taken
    }

    /// On the first byte: checks the head against what was asked.
    private func beginBody() -> Bool {
        guard !bodyBegan else { return true }
        bodyBegan = true
        let response = HTTPResponse(status: status, headers: headers)
        remaining = response.contentLength
        guard response.isSuccess else { return true }
        if window?.begin(status: status, contentRange: response.header("content-range")) == false {
            return fail(.other, "asked for \(request.range!), got \(response.header("content-range") ?? "")")
        }
        if case .pipe(let pipe) = transfer.sink { pipe.begin(response) }
        guard case .collect = transfer.sink else { return true }
        let expected = request.range.map { Int64($0.count) } ?? remaining ?? 0
        guard expected <= Int64(request.responseLimitBytes) else {
            return fail(
                .tooLarge, "the answer has \(expected) bytes, more than the limit of \(request.responseLimitBytes)")
        }
        body.reserveCapacity(Int(expected))
        return true
    }

    /// What a refusing server says is kept as far as the limit goes; the rest is of no use.
    private func collectErrorBody(_ bytes: UnsafeRawBufferPointer) -> ReceiveResult {
        body.append(contentsOf: bytes.prefix(max(0, request.responseLimitBytes - body.count)))
        return .taken
    }

    /// Bytes of the answer still to come; nil when unknown.
    private var remaining: Int64?
    /// Reading less than this to the end is cheaper than a new connection.
    private static let worthDraining: Int64 = 128 << 10

    private func mayStopEarly(after count: Int) -> Bool {
        remaining = remaining.map { $0 - Int64(count) }
        guard let window, window.isComplete, (remaining ?? .max) > ActiveTransfer.worthDraining else { return false }
        stoppedEarly = true
        return true
    }

    /// Fills curl's send buffer; -1 ends the transfer.
    func sendBody(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let requestBody = request.body else { return 0 }
        let count = Int(min(Int64(buffer.count), requestBody.sizeBytes.map { $0 - bodyOffset } ?? .max))
        guard count > 0 else { return 0 }
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        switch requestBody {
        case .bytes(let bytes):
            let start = Int(bodyOffset)
            bytes.withUnsafeBytes { part.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
        case .source(let source, let range):
            do {
                try source.read(into: part, at: range.lowerBound + bodyOffset)
            } catch {
                _ = fail(.bodySource, "reading the body to send failed: \(error)", cause: error)
                return -1
            }
        case .stream(let stream):
            do {
                let filled = try stream.read(into: part)
                streamEnded = filled == 0
                bodyOffset += Int64(filled)
                return filled
            } catch {
                _ = fail(.bodySource, "reading the body to send failed: \(error)", cause: error)
                return -1
            }
        }
        bodyOffset += Int64(count)
        return count
    }

    /// curl sends the body again, on a connection that turned out to be alive.
    func rewindBody(to offset: Int64) -> Bool {
        guard offset >= 0, offset <= request.body?.sizeBytes ?? 0 else { return false }
        guard request.mayBeSentAgain || bodyOffset == 0 else { return false }
        // What a stream gave is gone.
        if case .stream? = request.body { return bodyOffset == 0 }
        bodyOffset = offset
        return true
    }

    /// Ends the transfer for a reason found outside the callbacks. Always false.
    @discardableResult
    func fail(
        _ code: HTTPTransferError.Code, isRetryable: Bool = false, _ message: String, cause: (any Error)? = nil
    ) -> Bool {
        if failure == nil {
            failure = transfer.error(code, httpStatus: status, isRetryable: isRetryable, cause: cause, message)
        }
        return false
    }

    // MARK: the end

    /// The result once curl is done with the handle.
    func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPTransferError> {
        if let failure { return .failure(failure) }
        if code != CURLE_OK, !stoppedEarly { return .failure(curlFailure(code)) }
        let response = HTTPResponse(status: status, headers: headers, body: body)
        if response.isSuccess, let window, !window.isComplete, request.method == .get {
            return .failure(
                transfer.error(
                    .truncated, httpStatus: status,
                    "wanted bytes \(window.wanted), the resource ends after \(window.deliveredBytes) of them"))
        }
        return .success(response)
    }
}
