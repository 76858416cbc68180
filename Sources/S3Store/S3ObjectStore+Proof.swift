internal import ByteText
internal import Crypto
internal import CurlHTTP
internal import Platform

// Every upload is proven: the server was shown the MD5 and accepted the bytes, or it answered with an ETag that is the
// MD5, or the bytes were read back. An ETag that differs proves nothing by itself: many servers answer one of their own
// that merely looks like an MD5. (`ContentMD5.never` alone lets an upload pass whose ETag says nothing.)

/// What the answer to an accepted upload proves.
enum UploadVerdict {
    case proven
    /// Nothing, and the server was not told the MD5: to be sent again, or the upload's failure.
    case unproven(AttemptFailure)
    /// The ETag looks like an MD5 and is not ours: reading the bytes back tells.
    case doubtful
}

extension S3ObjectStore {
    /// How the next streamed body is to be proven.
    func streamedProof(_ kind: UploadProofs.Kind) -> UploadBody.Proof {
        switch settings.contentDigest {
        case .always: .declared
        case .never: .compared
        case .automatic: settings.comparesETag ? proofs.next(kind) : .declared
        }
    }

    /// Judges an upload that the server accepted.
    func judge(
        _ response: HTTPResponse, _ upload: UploadBody, _ kind: UploadProofs.Kind, _ call: S3Call
    ) -> UploadVerdict {
        let etag = ETag.text(response)
        guard settings.comparesETag, let md5 = upload.md5, ETag.looksLikeMD5(etag), !ETag.isOpaque(response) else {
            proofs.note(kind, .unknown)
            guard settings.contentDigest != .never, !upload.isDeclared else { return .proven }
            return .unproven(mismatch("the answer's ETag is no MD5 of the bytes", response.status, call))
        }
        let sent = Hexadecimal.text(md5)
        guard etag.lowercased() != sent else {
            proofs.note(kind, .md5)
            return .proven
        }
        if upload.isDeclared, proofs.meaning(kind) == .opaque { return .proven }
        proofs.note(kind, .unknown)
        guard upload.isDeclared || settings.contentDigest == .never else {
            return .unproven(mismatch("sent bytes with MD5 \(sent), the server holds \(etag)", response.status, call))
        }
        return .doubtful
    }

    /// The failure is no fault of the server's or the network's yet: it was not told the MD5, and will be. A bucket with
    /// object lock demands it (HTTP 400).
    func mustDeclare(_ upload: UploadBody, _ kind: UploadProofs.Kind, after failure: AttemptFailure) -> Bool {
        guard settings.contentDigest == .automatic, !upload.isDeclared else { return false }
        if failure.error.code == .checksumMismatch { return true }
        guard failure.error.code == .invalidRequest, failure.error.httpStatus == 400 else { return false }
        proofs.mustDeclare(kind)
        return true
    }

    func mismatch(_ message: String, _ status: Int, _ call: S3Call) -> AttemptFailure {
        AttemptFailure(
            ObjectStoreError(
                .checksumMismatch, operation: call.operation, key: call.key ?? "", httpStatus: status,
                message: message, isRetryable: true))
    }

    // MARK: reading back

    private static let readBackBytes = 4 << 20

    /// Does the object hold bytes with these MD5s at these places? Reads them; what that throws is thrown.
    func holds(_ key: String, _ pieces: [(range: Range<Int64>, md5: [UInt8])]) throws -> Bool {
        for piece in pieces {
            var md5 = Insecure.MD5()
            for start in stride(from: piece.range.lowerBound, to: piece.range.upperBound, by: Self.readBackBytes) {
                md5.update(
                    data: try get(key, range: start..<min(start + Int64(Self.readBackBytes), piece.range.upperBound)))
            }
            guard Array(md5.finalize()) == piece.md5 else { return false }
        }
        return true
    }
}
