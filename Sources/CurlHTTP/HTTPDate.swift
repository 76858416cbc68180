internal import CCurl

/// Dates in HTTP headers.
public enum HTTPDate {
    /// Seconds since 1970 of a date in any form RFC 9110 allows; nil when it is none.
    public static func seconds(_ text: String) -> Int64? {
        let seconds = curl_getdate(text, nil)
        return seconds >= 0 ? Int64(seconds) : nil
    }
}
