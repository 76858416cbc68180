internal import CurlHTTP

/// `Retry-After`: seconds, or a date that is compared with the server's own `Date`, so that no clock of ours matters.
enum RetryAfter {
    static func delay(_ response: HTTPResponse) -> Duration? {
        guard let value = response.header("retry-after") else { return nil }
        if let seconds = Int64(value) { return seconds >= 0 ? .seconds(min(seconds, 86_400)) : nil }
        guard let until = HTTPDate.seconds(value), let now = response.header("date").flatMap(HTTPDate.seconds) else {
            return nil
        }
        return .seconds(max(0, min(until - now, 86_400)))
    }
}
