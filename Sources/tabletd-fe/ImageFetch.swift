import ClusterMetadata
import CurlHTTP
import Platform

/// Gets an image from another frontend, or what is still to come of it: the answer begins within 10 s, never stalls for longer, and
/// ends within an hour, as Doris' frontends have it.
func imageFetch(_ client: HTTPClient) -> PeerFiles.Fetch {
    { asked, head, body in
        var hasBegun = false
        do {
            let response = try client.stream(
                request(asked),
                onHead: { told in
                    hasBegun = true
                    try head(imageHead(told))
                }, body)
            // Nothing is behind what is here, so that is not the part that it seemed: all of it, then.
            if response.status == 416, asked.behind != nil {
                var whole = asked
                whole.behind = nil
                return try imageFetch(client)(whole, head, body)
            }
            // Its owner has it, and can't send it now.
            if response.status >= 500 { throw ImageBreak("HTTP \(response.status)") }
            guard response.isSuccess else { throw ImageFetchError(reason: "HTTP \(response.status)") }
            if !hasBegun { try head(imageHead(response)) }
        } catch let error as HTTPTransferError {
            if error.code == .bodyConsumer, let cause = error.cause { throw cause }
            // Cancelled: this process ends, and the next one goes on.
            guard error.isRetryable || error.code == .cancelled else { throw error }
            throw ImageBreak("\(error)")
        }
    }
}

private func request(_ asked: PeerFiles.Request) -> HTTPRequest {
    var request = HTTPRequest(.get, asked.url, headers: [HTTPHeader("token", asked.token)])
    if let part = asked.behind {
        request.headers.append(HTTPHeader("Range", "bytes=\(part.sizeBytes)-"))
        request.headers.append(HTTPHeader("If-Range", "\"\(part.tag)\""))
    }
    request.timeouts.connect = .seconds(10)
    request.timeouts.answer = .seconds(10)
    request.timeouts.stall = .seconds(10)
    request.timeouts.total = .seconds(3600)
    return request
}

/// What comes, as the head of an answer says.
private func imageHead(_ response: HTTPResponse) throws -> ImageHead {
    // An error is answered with 200 and a sentence, and without this.
    guard response.header("X-Image-Size") != nil else {
        throw ImageFetchError(reason: "the answer is no image: it has no X-Image-Size")
    }
    let quoted = response.header("ETag") ?? ""
    let tag =
        quoted.count > 2 && quoted.hasPrefix("\"") && quoted.hasSuffix("\"")
        ? String(quoted.dropFirst().dropLast()) : nil
    guard response.status == 206 else { return ImageHead(offset: 0, tag: tag) }
    // `bytes 5-9/10`
    let range = response.header("Content-Range") ?? ""
    guard let first = Int64(range.dropFirst("bytes ".count).prefix { $0 != "-" }) else {
        throw ImageFetchError(reason: "a part of the image came, and the answer does not say which: '\(range)'")
    }
    return ImageHead(offset: first, tag: tag)
}

struct ImageFetchError: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
