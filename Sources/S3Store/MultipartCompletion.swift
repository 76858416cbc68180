internal import CurlHTTP
internal import Platform

/// The last step of a multipart upload: tells the server to put the parts together, and makes sure that it did.
struct MultipartCompletion {
    let store: S3ObjectStore
    let key: String
    let uploadID: String
    let etags: [String]
    /// Empty when MD5 is switched off.
    let md5s: [[UInt8]]
    let objectBytes: Int64

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

    /// The size always, the ETag where it is the MD5 of the parts' MD5s. A wrong object is removed.
    private func verify(_ etag: String, isOpaque: Bool, _ call: S3Call) throws -> String {
        let expected = md5s.count == etags.count ? ContentDigest.multipartETag(md5s) : nil
        if let expected, store.settings.comparesETag, !isOpaque, ETag.looksLikeMD5(etag, parts: etags.count),
            etag.lowercased() != expected
        {
            store.discard(key)
            throw mismatch("parts make ETag \(expected), the server holds \(etag)", call)
        }
        let stored = try store.head(key)
        guard stored?.sizeBytes == objectBytes else {
            store.discard(key)
            throw mismatch("sent \(objectBytes) bytes, the server holds \(stored?.sizeBytes ?? 0)", call)
        }
        return etag
    }

    private func mismatch(_ message: String, _ call: S3Call) -> ObjectStoreError {
        ObjectStoreError(
            .checksumMismatch, operation: call.operation, key: key, httpStatus: 200, message: message,
            isRetryable: true)
    }

    /// The ETag when the object stands there as our parts make it.
    private func etagIfComplete(_ call: S3Call) throws -> String? {
        guard let stored = try store.head(key), stored.sizeBytes == objectBytes else { return nil }
        guard md5s.count == etags.count, ETag.looksLikeMD5(stored.etag, parts: etags.count) else { return nil }
        return stored.etag.lowercased() == ContentDigest.multipartETag(md5s) ? stored.etag : nil
    }
}
