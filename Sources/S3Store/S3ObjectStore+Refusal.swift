internal import CurlHTTP
internal import Platform

extension ObjectStoreError {
    /// A refusal without a reason: the answer to a HEAD has no body that could give one.
    var isBareRefusal: Bool { (300..<500).contains(httpStatus) && httpStatus != 404 && !isRetryable }
}

extension S3ObjectStore {
    /// Why a HEAD was refused (found B8, B9): the same is asked once by GET and, where that says no more than "denied", by a
    /// list, each a single try. The answer keeps the code and status of the HEAD where nothing better is known.
    func explained(_ refused: ObjectStoreError, _ key: String) -> ObjectStoreError {
        var explained = refused
        let get = attempt(
            S3Call(operation: "GetObject", method: .get, key: key, range: 0..<1, responseLimitBytes: 64 << 10))
        guard case .failure(let failure) = get else {
            explained.message = "HEAD is refused and GET is not: does a proxy between here and the store refuse HEAD?"
            return explained
        }
        guard failure.error.code == .accessDenied, failure.error.message.hasPrefix("AccessDenied") else {
            // Nothing came, or no more than the HEAD said: that stands.
            if failure.error.httpStatus != 0, !failure.error.message.hasPrefix("refused") {
                explained.code = failure.error.code
                explained.message = failure.error.message
            }
            return explained
        }
        let list = attempt(
            S3Call(
                operation: "ListObjectsV2", method: .get, key: nil,
                query: [
                    (name: "list-type", value: "2"), (name: "max-keys", value: "1"),
                    (name: "prefix", value: location.keyPrefix + key),
                ], responseLimitBytes: 64 << 10))
        switch list {
        case .success: explained.message = "AccessDenied: the keys lack the permission s3:GetObject"
        case .failure(let failure) where failure.error.code == .accessDenied:
            explained.message =
                "AccessDenied: the keys lack the permission s3:ListBucket, without which an object that is not there looks "
                + "like one that is forbidden (or they lack s3:GetObject, too)"
        case .failure: break
        }
        return explained
    }
}
