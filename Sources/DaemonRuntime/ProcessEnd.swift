internal import Glibc

/// Ends the process now: what was printed is flushed (the log has no buffer), and nothing else runs any more.
///
/// `exit` would run the destructors of C++ libraries while threads of theirs still run, RocksDB's and Thrift's: the process
/// then crashes now and then, or hangs. Whatever must be durable is so before.
///
/// - Parameter flushes: false where a thread may hang inside the streams.
public func endProcess(_ code: Int32, flushes: Bool = true) -> Never {
    if flushes { fflush(nil) }
    _exit(code)
}
