internal import CCurl

/// The easy handles of one engine that wait for their next transfer. Lives on the engine's thread.
///
/// Only a handle whose transfer went well is used again: curl 7.88 leaves things behind in one that failed before it had
/// a connection (its receive buffer, after which `CURLOPT_BUFFERSIZE` is refused for good), and `curl_easy_reset` does not
/// clear them. A new handle costs microseconds.
struct EasyHandles {
    private var idle: [UnsafeMutableRawPointer] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    struct Handle {
        let pointer: UnsafeMutableRawPointer
        /// It has served before.
        let isUsed: Bool
    }

    /// nil when curl has no memory for one.
    mutating func take() -> Handle? { idle.popLast().map { Handle(pointer: $0, isUsed: true) } ?? takeFresh() }

    func takeFresh() -> Handle? { curl_easy_init().map { Handle(pointer: $0, isUsed: false) } }

    /// Takes a handle back that no multi handle holds any more.
    mutating func giveBack(_ handle: UnsafeMutableRawPointer, isSound: Bool) {
        guard isSound, idle.count < limit else { return curl_easy_cleanup(handle) }
        // Drops every option, the keys among them; keeps the buffers.
        curl_easy_reset(handle)
        idle.append(handle)
    }

    mutating func freeAll() {
        for handle in idle { curl_easy_cleanup(handle) }
        idle = []
    }
}
