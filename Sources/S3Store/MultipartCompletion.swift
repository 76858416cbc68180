internal import CurlHTTP
internal import Platform

/// The last step of a multipart upload: tells the server to put the parts together, and makes sure that it did.
struct MultipartCompletion {
    let store: S3ObjectStore
    let key: String
    let uploadID: String
    let plan: MultipartPlan
    let etags: [String]
    /// Of all parts; empty when MD5 is switched off.
    let md5s: [[UInt8]]
    /// Parts whose own ETag contradicts their MD5.
    let doubtful: [Int]

    private var knowsMD5s: Bool { md5s.count == etags.count }

    /// The object's ETag.
    func run() throws -> String {
        var retry = RetryDecision(settings: store.settings.retry)
        let call = completeCall()
        while true {
            let failure: AttemptFailure
            switch store.attempt(call).flatMap({ errorInside($0, call) }) {
            case .success(let response):
                return try verify(try etag(in: response, call), isOpaque: ETag.isOpaque(response), call)
            case .failure(let found): failure = found
            }
            // A try before this one may have done the work although its answer was lost; curl, too, sends a request
            // again by itself when a kept connection turns out to be dead.
            if failure.error.httpStatus == 404, let etag = try etagIfComplete(call) { return etag }
            try store.waitToRetry(&retry, after: failure, call)
        }
    }

    private func completeCall() -> S3Call {
        var xml = "<CompleteMultipartUpload>"
        for (index, etag) in etags.enumerated() {
            xml += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>&quot;\(XMLText.escape(etag))&quot;</ETag></Part>"
        }
        let body = Array((xml + "</CompleteMultipartUpload>").utf8)
        return S3Call(
            operation: "CompleteMultipartUpload", method: .post, key: key, query: [("uploadId", uploadID)],
            headers: [HTTPHeader("Content-Type", "application/xml")], body: .bytes(body),
            digest: ContentDigest(of: body, md5: false, sha256: true), answerTimeout: store.settings.completionTimeout)
    }

    /// S3 may answer 200 first and tell the failure in the body.
    private func errorInside(_ response: HTTPResponse, _ call: S3Call) -> Result<HTTPResponse, AttemptFailure> {
        guard let answer = S3ErrorAnswer(response.body) else { return .success(response) }
        var failure = store.errors.failure(status: 500, answer: answer, call)
        failure.error.httpStatus = response.status
        return .failure(failure)
    }

    private func etag(in response: HTTPResponse, _ call: S3Call) throws -> String {
        do {
            return try (XMLLeaves.first("ETag", in: response.body) ?? "").filter { $0 != "\"" }
        } catch {
            throw store.unreadable(error, call)
        }
    }

    /// The size always. The parts were proven by their own answers: an ETag of the whole that contradicts (OSS and others
    /// make it otherwise) is settled by reading the object back, once; from then on the store is known for it. A wrong object
    /// is removed.
    private func verify(_ etag: String, isOpaque: Bool, _ call: S3Call) throws -> String {
        do {
            let stored = try store.head(key)
            guard stored?.sizeBytes == plan.objectBytes else {
                throw mismatch("sent \(plan.objectBytes) bytes, the server holds \(stored?.sizeBytes ?? 0)", call)
            }
            let isDoubtful = contradicts(etag, isOpaque: isOpaque)
            let doubts = isDoubtful ? Array(etags.indices) : doubtful
            guard try store.holds(key, doubts.map { (plan.range(of: $0), md5s[$0]) }) else {
                throw mismatch("the server holds other bytes than were sent (ETag \(etag))", call)
            }
            if isDoubtful { store.proofs.note(.completion, .opaque) }
            if !doubtful.isEmpty { store.proofs.note(.part, .opaque) }
        } catch {
            store.discard(key)
            throw error
        }
        return etag
    }

    /// The ETag of the whole looks like the MD5 of its parts' MD5s and is not, and the store is not known for it.
    private func contradicts(_ etag: String, isOpaque: Bool) -> Bool {
        guard knowsMD5s, store.settings.comparesETag, !isOpaque, ETag.looksLikeMD5(etag, parts: etags.count) else {
            return false
        }
        guard etag.lowercased() != ContentDigest.multipartETag(md5s) else {
            store.proofs.note(.completion, .md5)
            return false
        }
        return store.proofs.meaning(.completion) != .opaque
    }

    private func mismatch(_ message: String, _ call: S3Call) -> ObjectStoreError {
        store.mismatch(message, 200, call).error
    }

    /// The ETag when the object stands there as our parts make it: by its ETag, or else by its bytes.
    private func etagIfComplete(_ call: S3Call) throws -> String? {
        guard knowsMD5s, let stored = try store.head(key), stored.sizeBytes == plan.objectBytes else { return nil }
        if stored.etag.lowercased() == ContentDigest.multipartETag(md5s), doubtful.isEmpty { return stored.etag }
        return try store.holds(key, etags.indices.map { (plan.range(of: $0), md5s[$0]) }) ? stored.etag : nil
    }
}
