internal import CurlHTTP
internal import Logging
internal import NativeThreads
internal import Platform
internal import TabletModel

/// One object going up in parts, several at once. Run by the thread that called `put`: parts are streamed from the
/// source, so memory holds curl's buffers and no part.
///
/// Any part that fails for good ends the upload: the others are cancelled and the upload is aborted at the server,
/// which frees its parts.
final class MultipartUpload {
    private let store: S3ObjectStore
    private let key: String
    private let source: any ObjectSource
    private let plan: MultipartPlan

    /// A part on its way.
    private struct Flight {
        var transfer: HTTPTransfer
        var call: S3Call
        var upload: UploadBody
        var tries: Tries
    }

    /// What a part has been through.
    private struct Tries {
        var retry: RetryDecision
        /// The ETag of the try before proved nothing.
        var mustDeclare = false
    }

    private var uploadID = ""
    private var inFlight: [Int: Flight] = [:]
    /// Parts to send again.
    private var toRepeat: [(part: Int, tries: Tries)] = []
    private var nextPart = 0
    private var etags: [String]
    private var md5s: [[UInt8]?]
    /// Parts whose ETag contradicts: read back once the object is there.
    private var doubtful: [Int] = []
    private var doneCount = 0
    /// Parts whose transfers have ended; filled by the engine's thread.
    private let ended = Monitor<[Int]>([])

    init(store: S3ObjectStore, key: String, source: any ObjectSource) {
        self.store = store
        self.key = key
        self.source = source
        plan = MultipartPlan(objectBytes: source.sizeBytes, partBytes: store.settings.partBytes)
        etags = Array(repeating: "", count: plan.partCount)
        md5s = Array(repeating: nil, count: plan.partCount)
    }

    func run() throws -> ObjectAttributes {
        try create()
        do {
            try sendParts()
            let etag = try MultipartCompletion(
                store: store, key: key, uploadID: uploadID, plan: plan, etags: etags, md5s: md5s.compactMap { $0 },
                doubtful: doubtful
            ).run()
            return ObjectAttributes(sizeBytes: plan.objectBytes, etag: etag)
        } catch {
            landAll()
            abort()
            throw error
        }
    }

    private func create() throws {
        let call = S3Call(operation: "CreateMultipartUpload", method: .post, key: key, query: [("uploads", "")])
        let response = try store.perform(call)
        do {
            // The root element differs between servers; the id below it does not.
            uploadID = try XMLLeaves.first("UploadId", in: response.body) ?? ""
        } catch {
            throw store.unreadable(error, call)
        }
        guard !uploadID.isEmpty, uploadID.utf8.count <= 4096 else {
            throw ObjectStoreError(
                .other, operation: call.operation, key: key, httpStatus: response.status,
                message: "the server named no usable upload id")
        }
    }

    // MARK: parts

    private func sendParts() throws {
        while doneCount < plan.partCount {
            while let (part, tries) = nextToSend() { try start(part, tries) }
            for part in ended.wait({ parts -> [Int]? in
                guard !parts.isEmpty else { return nil }
                defer { parts = [] }
                return parts
            }) {
                try finish(part)
            }
        }
    }

    /// The next part, when a connection is to be had for it. The first of an upload waits for one; more only take what
    /// is free, so that two uploads never wait for each other's.
    private func nextToSend() -> (Int, Tries)? {
        guard !toRepeat.isEmpty || nextPart < plan.partCount else { return nil }
        guard inFlight.count < store.settings.parallelParts else { return nil }
        if inFlight.isEmpty {
            store.permits.acquire()
        } else if !store.permits.tryAcquire() {
            return nil
        }
        if let repeated = toRepeat.popLast() { return repeated }
        defer { nextPart += 1 }
        return (nextPart, Tries(retry: RetryDecision(settings: store.settings.retry)))
    }

    /// Holds a permit from here to `finish`.
    private func start(_ part: Int, _ tries: Tries) throws {
        do {
            let upload = try UploadBody(
                source, plan.range(of: part), settings: store.settings,
                proof: tries.mustDeclare ? .declared : store.streamedProof(.part), group: store.group)
            let call = S3Call(
                operation: "UploadPart", method: .put, key: key,
                query: [("partNumber", String(part + 1)), ("uploadId", uploadID)], body: upload.content,
                digest: upload.declared,
                answerTimeout: store.settings.uploadAnswerTimeout)
            do {
                let ended = ended
                let transfer = try store.client.start(store.request(call)) { ended.update { $0.append(part) } }
                inFlight[part] = Flight(transfer: transfer, call: call, upload: upload, tries: tries)
            } catch {
                throw store.errors.failure(error, call).thrown
            }
        } catch {
            store.permits.release()
            throw error
        }
    }

    private func finish(_ part: Int) throws {
        guard var flight = inFlight.removeValue(forKey: part) else { return }
        store.permits.release()
        let result: Result<HTTPResponse, HTTPTransferError>
        do {
            result = .success(try flight.transfer.wait())
        } catch {
            result = .failure(error)
        }
        let failure: AttemptFailure
        switch store.evaluate(result, flight.call) {
        case .success(let response):
            switch store.judge(response, flight.upload, .part, flight.call) {
            case .proven: return done(part, response, flight.upload)
            case .doubtful:
                doubtful.append(part)
                return done(part, response, flight.upload)
            case .unproven(let found): failure = found
            }
        case .failure(let found): failure = found
        }
        if store.mustDeclare(flight.upload, .part, after: failure) {
            flight.tries.mustDeclare = true
        } else {
            // The other parts go on while this thread waits.
            try store.waitToRetry(&flight.tries.retry, after: failure, flight.call)
        }
        toRepeat.append((part, flight.tries))
    }

    private func done(_ part: Int, _ response: HTTPResponse, _ upload: UploadBody) {
        etags[part] = ETag.text(response)
        md5s[part] = upload.md5
        doneCount += 1
    }

    /// Ends what is still in flight.
    private func landAll() {
        for flight in inFlight.values { store.client.cancel(flight.transfer) }
        for flight in inFlight.values {
            _ = flight.transfer.waitUntilEnded()
            store.permits.release()
        }
        inFlight = [:]
    }

    /// Frees the parts at the server. The upload's own error matters more than this one's, which is logged with what
    /// is needed to clean up by hand.
    private func abort() {
        let call = S3Call(
            operation: "AbortMultipartUpload", method: .delete, key: key, query: [("uploadId", uploadID)])
        do {
            try store.perform(call)
        } catch {
            // An upload that is not there any more needs no abort.
            if let error = error as? ObjectStoreError, error.httpStatus == 404 { return }
            store.log.warning(
                "s3 multipart upload left behind",
                metadata: ["key": "\(key)", "upload_id": "\(uploadID)", "cause": "\(error)"])
        }
    }
}
