internal import CurlHTTP
internal import Logging
public import Platform

extension S3ObjectStore {
    /// One PUT, or parts from `multipartFromBytes` on (`hashedMultipartFromBytes` when the source knows its MD5). The server
    /// is shown the MD5 of what it must receive, or its ETag is compared with it, or both (see `S3StoreSettings.ContentMD5`);
    /// where an ETag contradicts, the bytes are read back.
    @available(*, noasync)
    @discardableResult
    public func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        try check(key: key, "PutObject")
        guard source.sizeBytes <= MultipartPlan.maximumObjectBytes else {
            throw ObjectStoreError(
                .invalidRequest, operation: "PutObject", key: key,
                message: "\(source.sizeBytes) bytes are more than S3's 5 TiB")
        }
        if source.sizeBytes >= multipartFromBytes(source) {
            return try MultipartUpload(store: self, key: key, source: source).run()
        }
        return try putWhole(key, source)
    }

    private func multipartFromBytes(_ source: any ObjectSource) -> Int64 {
        UploadBody.declaresKnownMD5(of: source, settings)
            ? settings.hashedMultipartFromBytes : settings.multipartFromBytes
    }

    private func putWhole(_ key: String, _ source: any ObjectSource) throws -> ObjectAttributes {
        let range = 0..<source.sizeBytes
        var upload = try UploadBody(source, range, settings: settings, proof: streamedProof(.object), group: group)
        var retry = RetryDecision(settings: settings.retry)
        while true {
            let call = S3Call(
                operation: "PutObject", method: .put, key: key, body: upload.content, digest: upload.declared,
                answerTimeout: settings.uploadAnswerTimeout)
            let failure: AttemptFailure
            switch attempt(call) {
            case .success(let response):
                switch judge(response, upload, .object, call) {
                case .unproven(let found): failure = found
                case .doubtful where try !readBack(key, upload, range):
                    failure = mismatch("the server holds other bytes than were sent", response.status, call)
                case .doubtful, .proven:
                    return ObjectAttributes(sizeBytes: source.sizeBytes, etag: ETag.text(response))
                }
            case .failure(let found): failure = found
            }
            if mustDeclare(upload, .object, after: failure) {
                upload = try UploadBody(source, range, settings: settings, proof: .declared, group: group)
                continue
            }
            do {
                try waitToRetry(&retry, after: failure, call)
            } catch {
                if failure.error.code == .checksumMismatch, failure.error.httpStatus == 200 { discard(key) }
                throw error
            }
        }
    }

    /// Are the bytes that the server holds those that were sent? An object of which nobody can tell is removed.
    private func readBack(_ key: String, _ upload: UploadBody, _ range: Range<Int64>) throws -> Bool {
        guard let md5 = upload.md5 else { return false }
        do {
            guard try holds(key, [(range, md5)]) else { return false }
        } catch {
            discard(key)
            throw error
        }
        proofs.note(.object, .opaque)
        return true
    }

    /// Removes an object that turned out wrong, so that nobody takes it for right. The caller's error matters more than
    /// this one's, which is logged.
    func discard(_ key: String) {
        do {
            try perform(S3Call(operation: "DeleteObject", method: .delete, key: key))
        } catch {
            log.error("s3 wrong object left behind", metadata: ["key": "\(key)", "cause": "\(error)"])
        }
    }
}

extension ObjectSource {
    /// A part of the source in memory.
    func bytes(_ range: Range<Int64>) throws -> [UInt8] {
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            do {
                // The array may have room for more than was asked.
                let wanted = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
                if !range.isEmpty { try read(into: wanted, at: range.lowerBound) }
                initialized = range.count
            } catch {
                failure = error
                initialized = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
