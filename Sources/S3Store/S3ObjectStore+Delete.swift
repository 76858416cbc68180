internal import CurlHTTP
internal import Platform
internal import Synchronization

extension S3ObjectStore {
    /// S3's limit of one DeleteObjects request.
    static let deleteBatch = 1000
    /// A server that knew no batches is asked again after so many keys: one odd answer must not cost a request a key for
    /// good.
    static let singlesAfterARefusal = 10_000

    /// In batches, or one by one where the server knows no batches. Throws at the first key that stays; those before it
    /// are gone, and calling again is fine.
    @available(*, noasync)
    public func delete(_ keys: [String]) throws {
        for key in keys { try check(key: key, "DeleteObject") }
        // Some keys can't be written in XML.
        let batchable = keys.filter { XMLText.canCarry($0) }
        for key in keys where !XMLText.canCarry(key) { try deleteOne(key) }
        for start in stride(from: 0, to: batchable.count, by: S3ObjectStore.deleteBatch) {
            try deleteSome(batchable[start..<min(start + S3ObjectStore.deleteBatch, batchable.count)])
        }
    }

    private func deleteSome(_ keys: ArraySlice<String>) throws {
        guard keys.count > 1, singleDeletes.load(ordering: .relaxed) <= 0 else {
            for key in keys { try deleteOne(key) }
            singleDeletes.subtract(keys.count, ordering: .relaxed)
            return
        }
        let call = deleteCall(keys)
        let response: HTTPResponse
        do {
            response = try perform(call)
        } catch let error as ObjectStoreError where S3ObjectStore.meansNoBatches(error) {
            singleDeletes.store(S3ObjectStore.singlesAfterARefusal, ordering: .relaxed)
            for key in keys { try deleteOne(key) }
            return
        }
        let answer: S3DeleteAnswer
        do {
            answer = try S3DeleteAnswer(response.body)
        } catch {
            throw unreadable(error, call)
        }
        // What the batch left is tried alone: that retries, and its error names the key.
        for failure in answer.failures where failure.code != "NoSuchKey" {
            guard failure.key.hasPrefix(location.keyPrefix), !failure.key.isEmpty else {
                throw ObjectStoreError(
                    .other, operation: call.operation, key: failure.key, httpStatus: response.status,
                    message: errors.cleaned("\(failure.code): \(failure.message)"))
            }
            try deleteOne(String(failure.key.dropFirst(location.keyPrefix.count)))
        }
    }

    private func deleteCall(_ keys: ArraySlice<String>) -> S3Call {
        var xml = "<Delete><Quiet>true</Quiet>"
        for key in keys { xml += "<Object><Key>\(XMLText.escape(location.keyPrefix + key))</Key></Object>" }
        let body = Array((xml + "</Delete>").utf8)
        // S3 demands a checksum here.
        return S3Call(
            operation: "DeleteObjects", method: .post, key: nil, query: [("delete", "")],
            headers: [HTTPHeader("Content-Type", "application/xml")], body: .bytes(body),
            digest: ContentDigest(of: body, md5: true, sha256: true), responseLimitBytes: 4 << 20,
            answerTimeout: settings.uploadAnswerTimeout)
    }

    private static func meansNoBatches(_ error: ObjectStoreError) -> Bool {
        error.code != .noSuchBucket && [400, 404, 405, 501].contains(error.httpStatus)
    }

    private func deleteOne(_ key: String) throws {
        let call = S3Call(operation: "DeleteObject", method: .delete, key: key)
        do {
            try perform(call)
        } catch let error as ObjectStoreError where error.code == .noSuchKey {
            return
        }
    }
}
