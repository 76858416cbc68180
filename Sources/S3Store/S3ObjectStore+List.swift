internal import CurlHTTP
public import Platform

extension S3ObjectStore {
    /// One page of ListObjectsV2. Keys come without the resource's root path.
    @available(*, noasync)
    public func list(prefix: String, continuation: String?) throws -> ObjectPage {
        var query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"),
            (name: "max-keys", value: String(settings.listPageSize)),
            (name: "prefix", value: location.keyPrefix + prefix),
        ]
        if let continuation { query.append((name: "continuation-token", value: continuation)) }
        // A key of 1,024 bytes takes three times that encoded, and the rest of its entry as much as 1 KiB.
        let call = S3Call(
            operation: "ListObjectsV2", method: .get, key: nil, query: query,
            responseLimitBytes: settings.listPageSize * 5 << 10)
        let response: HTTPResponse
        do {
            response = try perform(call)
        } catch var error as ObjectStoreError {
            error.key = prefix
            throw error
        }
        let answer: S3ListAnswer
        do {
            answer = try S3ListAnswer(response.body)
        } catch {
            throw unreadable(error, call)
        }
        return try page(answer, prefix: prefix, after: continuation)
    }

    private func page(_ answer: S3ListAnswer, prefix: String, after continuation: String?) throws -> ObjectPage {
        var objects = answer.objects
        for index in objects.indices {
            guard objects[index].key.hasPrefix(location.keyPrefix) else {
                throw listError(prefix, "the server listed \(objects[index].key), which is outside the root path")
            }
            objects[index].key.removeFirst(location.keyPrefix.count)
        }
        guard answer.isTruncated else { return ObjectPage(objects: objects, continuation: nil) }
        // The same token again would list the same page for ever.
        guard let next = answer.continuation, !next.isEmpty, next != continuation else {
            throw listError(prefix, "the server says there is more, but not where to go on")
        }
        return ObjectPage(objects: objects, continuation: next)
    }

    private func listError(_ prefix: String, _ message: String) -> ObjectStoreError {
        ObjectStoreError(.other, operation: "ListObjectsV2", key: prefix, httpStatus: 200, message: message)
    }
}
