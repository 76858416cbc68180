internal import CurlHTTP
internal import Platform
internal import Synchronization

// Every upload is proven: the server was shown the MD5 and accepted the bytes, or it answered with an ETag that is the
// MD5. (`ContentMD5.never` alone lets an upload pass whose ETag says nothing.)

extension S3ObjectStore {
    /// How the next streamed body is to be proven.
    var streamedProof: UploadBody.Proof {
        switch settings.contentDigest {
        case .always: .declared
        case .never: .compared
        case .automatic: settings.comparesETag && etagsAreMD5.load(ordering: .relaxed) ? .compared : .declared
        }
    }

    /// Judges an upload that the server accepted. A failure of one that was not declared means: send it again, declared.
    func prove(_ response: HTTPResponse, _ upload: UploadBody, _ call: S3Call) -> Result<HTTPResponse, AttemptFailure> {
        let etag = ETag.text(response)
        guard settings.comparesETag, let md5 = upload.md5, ETag.looksLikeMD5(etag), !ETag.isOpaque(response) else {
            etagsAreMD5.store(false, ordering: .relaxed)
            guard settings.contentDigest != .never, !upload.isDeclared else { return .success(response) }
            return .failure(unproven("the answer's ETag is no MD5 of the bytes", response, call))
        }
        let sent = Hexadecimal.text(md5)
        let isEqual = etag.lowercased() == sent
        etagsAreMD5.store(isEqual, ordering: .relaxed)
        guard !isEqual else { return .success(response) }
        return .failure(unproven("sent bytes with MD5 \(sent), the server holds \(etag)", response, call))
    }

    /// The failure is no fault of the server's yet: it was not told the MD5, and will be.
    func mustDeclare(_ upload: UploadBody, after failure: AttemptFailure) -> Bool {
        settings.contentDigest == .automatic && !upload.isDeclared && failure.error.code == .checksumMismatch
    }

    private func unproven(_ message: String, _ response: HTTPResponse, _ call: S3Call) -> AttemptFailure {
        AttemptFailure(
            ObjectStoreError(
                .checksumMismatch, operation: call.operation, key: call.key ?? "", httpStatus: response.status,
                message: message, isRetryable: true))
    }
}
