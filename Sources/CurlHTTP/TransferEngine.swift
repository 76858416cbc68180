internal import CCurl
internal import NativeThreads
internal import Synchronization
internal import TabletModel

/// One curl multi handle and the thread that drives it.
///
/// Other threads reach it through the inbox only; everything curl sees is touched on the engine's thread,
/// `curl_multi_wakeup` excepted, which curl allows from anywhere. The thread keeps the engine alive until it has
/// stopped.
final class TransferEngine: @unchecked Sendable {
    // Unchecked: `multi` is used by the engine's thread; other threads only wake it up, under the inbox' lock and only
    // while the thread lives.
    private let configuration: HTTPClientConfiguration
    private let multi: UnsafeMutableRawPointer
    private let inbox = Monitor(TransferInbox())

    /// How often deadlines are looked at while transfers run.
    private static let tickMs: Int32 = 100

    init(configuration: HTTPClientConfiguration) throws {
        try CurlLibrary.initialize()
        guard let multi = curl_multi_init() else {
            throw CurlSetupError(message: "curl_multi_init failed: out of memory or descriptors")
        }
        self.configuration = configuration
        self.multi = multi
        // The cache's size only: how many run at once is decided here, not by curl's own queue, whose waits would
        // count against the connect timeout.
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, configuration.idleConnections))
        guard NativeThread.start(name: configuration.name, { [self] in run() }) == 0 else {
            curl_multi_cleanup(multi)
            throw CurlSetupError(message: "no thread for the HTTP client: raise the limit of processes")
        }
    }

    // MARK: from any thread

    func submit(_ transfer: HTTPTransfer) throws(HTTPTransferError) {
        let refusal: HTTPTransferError? = inbox.withLock { inbox in
            guard !inbox.isStopping else {
                return transfer.error(.cancelled, "the HTTP client is shutting down")
            }
            guard inbox.waiting.count < configuration.queueLimit else {
                return transfer.error(
                    .queueFull, isRetryable: true,
                    "\(inbox.waiting.count) requests wait already, which is the limit of the HTTP client")
            }
            if inbox.add(transfer) { curl_multi_wakeup(multi) }
            return nil
        }
        if var refusal {
            refusal.isUnsent = true
            throw refusal
        }
    }

    /// The consumer of a paused transfer has room again, or wants no more.
    func resume(_ transfer: HTTPTransfer) { tell { $0.resume(transfer) } }

    func cancel(_ transfer: HTTPTransfer) {
        transfer.markCancelled()
        tell { $0.cancel(transfer) }
    }

    func stop() { tell { $0.stop() } }

    private func tell(_ change: (inout TransferInbox) -> Bool) {
        inbox.update { inbox in
            if !inbox.hasEnded, change(&inbox) { curl_multi_wakeup(multi) }
        }
    }

    func join() { inbox.wait { $0.hasEnded ? () : nil } }

    /// False when the client stops first.
    func pause(_ duration: Duration) -> Bool {
        inbox.wait(upTo: duration) { $0.isStopping ? false : nil } ?? true
    }

    var load: (waiting: Int, running: Int) { inbox.withLock { ($0.waiting.count, $0.running) } }

    // MARK: the engine's thread

    /// What the thread owns.
    private struct Running {
        var active: [ObjectIdentifier: ActiveTransfer] = [:]
        var handles: EasyHandles
        var nextTickAt: Int64 = 0
    }

    private func run() {
        var running = Running(handles: EasyHandles(limit: configuration.maximumTransfers))
        while true {
            let slots = configuration.maximumTransfers - running.active.count
            let work = inbox.withLock { inbox in
                inbox.running = running.active.count
                return inbox.take(slots: slots)
            }
            for transfer in work.started { begin(transfer, &running) }
            if work.isStopping { break }
            for transfer in work.cancelled { abort(transfer, .cancelled, "the request was cancelled", &running) }
            for transfer in work.resumed {
                if let active = running.active[ObjectIdentifier(transfer)] { curl_easy_pause(active.handle, 0) }
            }
            var stillRunning: Int32 = 0
            curl_multi_perform(multi, &stillRunning)
            let finished = reap(&running)
            expire(&running)
            // A freed slot may let a waiting request start at once.
            if finished > 0 { continue }
            curl_multi_poll(multi, nil, 0, running.active.isEmpty ? 60_000 : TransferEngine.tickMs, nil)
        }
        end(&running)
    }

    private func begin(_ transfer: HTTPTransfer, _ running: inout Running) {
        guard !transfer.isCancelled else {
            return transfer.complete(.failure(transfer.error(.cancelled, "the request was cancelled")))
        }
        guard let active = prepare(transfer, &running) else { return }
        let code = curl_multi_add_handle(multi, active.handle)
        guard code == CURLM_OK else {
            running.handles.giveBack(active.handle, isSound: false)
            let message = String(cString: curl_multi_strerror(code))
            return transfer.complete(.failure(transfer.error(.other, isRetryable: true, message)))
        }
        running.active[ObjectIdentifier(transfer)] = active
    }

    /// A handle set up for the transfer; nil when there is none, and the transfer has its answer.
    private func prepare(_ transfer: HTTPTransfer, _ running: inout Running) -> ActiveTransfer? {
        var next = running.handles.take()
        while let handle = next {
            let active = ActiveTransfer(transfer, handle: handle.pointer, now: readMonotonicClock().nanoseconds)
            do {
                try EasyHandleSetup(configuration: configuration).apply(to: active)
                return active
            } catch {
                running.handles.giveBack(handle.pointer, isSound: false)
                guard handle.isUsed else {
                    transfer.complete(.failure(error))
                    return nil
                }
                // What a handle keeps of its past is no fault of this request.
                next = running.handles.takeFresh()
            }
        }
        transfer.complete(
            .failure(transfer.error(.other, isRetryable: true, "curl_easy_init failed: out of memory")))
        return nil
    }

    /// Answers for the transfers curl is done with; how many.
    private func reap(_ running: inout Running) -> Int {
        var finished = 0
        var code = CURLE_OK
        while let handle = ccurl_multi_next_done(multi, &code) {
            guard let context = ccurl_get_private(handle) else { continue }
            let active = Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue()
            finish(active, code, &running)
            finished += 1
        }
        return finished
    }

    private func finish(_ active: ActiveTransfer, _ code: CURLcode, _ running: inout Running) {
        let result = active.result(code)
        let wasSent = !active.isConnecting
        curl_multi_remove_handle(multi, active.handle)
        running.handles.giveBack(active.handle, isSound: code == CURLE_OK)
        running.active[ObjectIdentifier(active.transfer)] = nil
        active.transfer.complete(result, httpStatus: active.status, wasSent: wasSent)
    }

    private func abort(
        _ transfer: HTTPTransfer, _ code: HTTPTransferError.Code, isRetryable: Bool = false, _ message: String,
        _ running: inout Running
    ) {
        guard let active = running.active[ObjectIdentifier(transfer)] else { return }
        active.fail(code, isRetryable: isRetryable, message)
        finish(active, CURLE_ABORTED_BY_CALLBACK, &running)
    }

    /// Ends the transfers whose time is up.
    private func expire(_ running: inout Running) {
        let now = readMonotonicClock().nanoseconds
        guard now >= running.nextTickAt else { return }
        running.nextTickAt = now + Int64(TransferEngine.tickMs) * 1_000_000
        for active in Array(running.active.values) {
            guard let expiry = active.checkWatch(now: now) else { continue }
            let (connect, limits) = (active.isConnecting, active.request.timeouts)
            let message =
                switch expiry {
                case .stall: "no byte moved for \(limits.stall)"
                case .answer: "no answer within \(limits.answer) of sending the request"
                case .total: connect ? "not connected within \(limits.total)" : "not complete within \(limits.total)"
                }
            abort(active.transfer, .timeout, isRetryable: true, message, &running)
        }
    }

    private func end(_ running: inout Running) {
        for active in Array(running.active.values) {
            abort(active.transfer, .cancelled, "the HTTP client is shutting down", &running)
        }
        let unstarted = inbox.withLock { $0.take(slots: .max).started }
        for transfer in unstarted {
            transfer.complete(
                .failure(transfer.error(.cancelled, "the HTTP client is shutting down")))
        }
        running.handles.freeAll()
        inbox.update { inbox in
            inbox.hasEnded = true
            curl_multi_cleanup(multi)
        }
    }
}

extension ActiveTransfer {
    /// curl has no connection for the transfer yet.
    var isConnecting: Bool { ccurl_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T) == 0 }

    func checkWatch(now: Int64) -> TransferWatch.Expiry? {
        let sent = ccurl_get_offset(handle, CURLINFO_SIZE_UPLOAD_T) - ccurl_unacknowledged_bytes(handle)
        let received = ccurl_get_offset(handle, CURLINFO_SIZE_DOWNLOAD_T)
        return watch.check(
            now: now, movedBytes: sent + received + Int64(headers.count), awaitsAnswer: bodyWasSent && !headersArrived,
            isHeld: isConnecting || isPaused)
    }

    private var bodyWasSent: Bool {
        guard let size = request.body?.sizeBytes else { return bodyWasRead }
        return ccurl_get_offset(handle, CURLINFO_SIZE_UPLOAD_T) >= size
    }
}
