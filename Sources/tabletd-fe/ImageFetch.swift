import ClusterMetadata
import CurlHTTP
import Platform

/// Gets an image from another frontend: the answer begins within 10 s, never stalls for longer, and ends within an hour, as
/// Doris' frontends have it.
func imageFetch(_ client: HTTPClient) -> PeerFiles.Fetch {
    { url, token, body in
        var request = HTTPRequest(.get, url, headers: [HTTPHeader("token", token)])
        request.timeouts.connect = .seconds(10)
        request.timeouts.answer = .seconds(10)
        request.timeouts.stall = .seconds(10)
        request.timeouts.total = .seconds(3600)
        var size: Int64 = 0
        let response = try client.stream(request) { bytes in
            size += Int64(bytes.count)
            try body(bytes)
        }
        guard response.isSuccess else { throw ImageFetchError(reason: "HTTP \(response.status)") }
        // An error is answered with 200 and a sentence, and without this.
        guard let told = response.header("X-Image-Size") else {
            throw ImageFetchError(reason: "the answer of \(size) bytes is no image: it has no X-Image-Size")
        }
        guard Int64(told) == size else {
            throw ImageFetchError(reason: "it sent \(size) bytes, and had said \(told)")
        }
    }
}

struct ImageFetchError: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
