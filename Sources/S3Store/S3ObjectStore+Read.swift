internal import CurlHTTP
public import Platform

extension S3ObjectStore {
    /// Exactly these bytes. Works with servers that answer a range with the whole object: the transfer is cut after the
    /// range, nothing beyond it is held.
    @available(*, noasync)
    public func get(_ key: String, range: Range<Int64>) throws -> [UInt8] {
        try check(key: key, "GetObject")
        guard !range.isEmpty else { return [] }
        guard range.lowerBound >= 0, range.count <= Int64(Int32.max) else {
            throw ObjectStoreError(
                .invalidRequest, operation: "GetObject", key: key, message: "range \(range) is negative or beyond 2 GiB"
            )
        }
        // Room for an error's text when the range is shorter than that.
        let call = S3Call(
            operation: "GetObject", method: .get, key: key, range: range,
            responseLimitBytes: max(range.count, 64 << 10))
        return try perform(call).body
    }

    @available(*, noasync)
    public func head(_ key: String) throws -> ObjectAttributes? {
        try check(key: key, "HeadObject")
        let call = S3Call(operation: "HeadObject", method: .head, key: key)
        let response: HTTPResponse
        do {
            response = try perform(call)
        } catch let error as ObjectStoreError where error.code == .noSuchKey {
            // A HEAD has no body to tell the bucket from the key.
            if !sawBucketLately { try requireBucket(key: key) }
            return nil
        } catch let error as ObjectStoreError where error.isBareRefusal {
            throw explained(error, key)
        }
        guard let size = try response.contentLength ?? sizeOtherwise(key) else { return nil }
        return ObjectAttributes(sizeBytes: size, etag: ETag.text(response))
    }

    /// The size of an object whose HEAD names none: by the total in the answer to a range of one byte, or by a list. nil when
    /// the object has gone meanwhile.
    private func sizeOtherwise(_ key: String) throws -> Int64? {
        let call = S3Call(
            operation: "GetObject", method: .get, key: key, range: 0..<1, responseLimitBytes: 64 << 10)
        do {
            let response = try perform(call)
            let total = response.header("content-range").flatMap { range in
                range.lastIndex(of: "/").flatMap { Int64(range[range.index(after: $0)...]) }
            }
            if let total { return total }
            if response.status == 200, let length = response.contentLength { return length }
        } catch let error as ObjectStoreError where error.httpStatus == 416 {
            return 0
        } catch let error as ObjectStoreError where error.code == .noSuchKey {
            return nil
        } catch let error as ObjectStoreError where error.code == .truncated {
            // An empty object of a server that knows no ranges: the list tells.
        }
        var continuation: String?
        repeat {
            let page = try list(prefix: key, continuation: continuation)
            if let found = page.objects.first(where: { $0.key == key }) { return found.sizeBytes }
            // Keys come in order, and the key itself is the first with it as a prefix.
            continuation = page.objects.isEmpty ? page.continuation : nil
        } while continuation != nil
        return nil
    }

    /// Throws `noSuchBucket` when the bucket is not there. A bucket we may not ask about passes.
    private func requireBucket(key: String) throws {
        do {
            try perform(S3Call(operation: "HeadBucket", method: .head, key: nil))
        } catch let error as ObjectStoreError where error.code == .accessDenied || error.code == .invalidRequest {
            return
        } catch var error as ObjectStoreError {
            error.key = key
            if error.code == .noSuchBucket {
                error.message = "there is no bucket \(location.bucket): create it, or correct the storage resource"
            }
            throw error
        }
    }
}

/// The ETag header.
enum ETag {
    /// Without quotes; empty when there is none.
    static func text(_ response: HTTPResponse) -> String {
        String((response.header("etag") ?? "").filter { $0 != "\"" })
    }

    /// A server that encrypts with its own or the caller's key answers an ETag that looks like an MD5 and is none.
    static func isOpaque(_ response: HTTPResponse) -> Bool {
        (response.header("x-amz-server-side-encryption") ?? "").hasPrefix("aws:kms")
            || response.header("x-amz-server-side-encryption-customer-algorithm") != nil
    }

    /// 32 hex digits, and `-parts` behind them for an object put together from parts.
    static func looksLikeMD5(_ etag: String, parts: Int? = nil) -> Bool {
        let pieces = etag.split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.count == (parts == nil ? 1 : 2), pieces[0].utf8.count == 32 else { return false }
        guard pieces[0].allSatisfy({ $0.isHexDigit }) else { return false }
        return parts.map { pieces[1] == String($0) } ?? true
    }
}
