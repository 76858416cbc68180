internal import CCurl

/// The functions curl calls, on the engine's thread; `context` is the `ActiveTransfer`, which the engine keeps alive
/// for as long as curl has the handle.
enum CurlCallbacks {
    static let header: ccurl_data_callback = { bytes, size, count, context in
        guard let context else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer(context).receiveHeader(line) ? line.count : 0
    }

    static let write: ccurl_data_callback = { bytes, size, count, context in
        guard let context else { return 0 }
        let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
        switch transfer(context).receiveBody(piece) {
        case .taken: return piece.count
        case .pause: return Int(CURL_WRITEFUNC_PAUSE)
        case .stop: return 0
        }
    }

    static let read: ccurl_data_callback = { bytes, size, count, context in
        guard let context, let bytes else { return Int(CURL_READFUNC_ABORT) }
        let filled = transfer(context).sendBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        return filled >= 0 ? filled : Int(CURL_READFUNC_ABORT)
    }

    static let seek: ccurl_seek_callback = { context, offset, origin in
        guard let context, origin == 0, transfer(context).rewindBody(to: Int64(offset)) else {
            return CURL_SEEKFUNC_FAIL
        }
        return CURL_SEEKFUNC_OK
    }

    private static func transfer(_ context: UnsafeMutableRawPointer) -> ActiveTransfer {
        Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue()
    }
}
