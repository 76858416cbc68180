import Glibc

/// Ctrl-C as an answer instead of an end: while one of these waits, SIGINT does not end the process.
///
/// Make it before any thread is started (the HTTP client starts some): threads inherit that the signal is blocked, so
/// that it waits for `pause`.
struct Interrupt {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// True when Ctrl-C was pressed before the time was over.
    func pause(milliseconds: Int) -> Bool {
        var signals = signals
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        return sigtimedwait(&signals, nil, &time) == SIGINT
    }
}
