internal import CCurl

/// curl could not be set up at all.
public struct CurlSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}

/// The process-wide part of libcurl, initialised once. It is never torn down: other threads may still use it at exit.
enum CurlLibrary {
    private static let initialized: CURLcode = ccurl_global_init()

    static func initialize() throws {
        guard initialized == CURLE_OK else {
            throw CurlSetupError(message: "curl_global_init: " + String(cString: curl_easy_strerror(initialized)))
        }
    }
}
