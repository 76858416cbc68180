import Glibc

/// What the process writes to: rows to standard output, words to standard error.
enum Terminal {
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// Colours are for eyes: on a terminal that has them, unless NO_COLOR says otherwise.
    static let isColoured =
        outputIsTerminal && environment("TERM") != "dumb" && (environment("NO_COLOR") ?? "").isEmpty

    /// Columns of the terminal, or COLUMNS, or 100.
    static var width: Int {
        var size = winsize()
        if outputIsTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return environment("COLUMNS").flatMap { Int($0) }.map { min(max($0, 40), 1000) } ?? 100
    }

    /// Begins a screen anew on a terminal; elsewhere a blank line parts one round from the next.
    static func beginRound(first: Bool) {
        if outputIsTerminal { output("\u{1B}[H\u{1B}[2J") } else if !first { output("\n") }
    }

    static func printError(_ line: String) { writeAll(Array((line + "\n").utf8)[...], to: STDERR_FILENO) }

    static func printBare(_ text: String) { writeAll(Array(text.utf8)[...], to: STDERR_FILENO) }

    /// Writes everything; a reader that went away (`| head`) ends the process quietly, as SIGPIPE would.
    static func output(_ bytes: UnsafeRawBufferPointer) {
        writeAll(bytes, to: STDOUT_FILENO)
    }

    static func output(_ text: String) {
        var text = text
        text.withUTF8 { output(UnsafeRawBufferPointer($0)) }
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                exitProcess(errno == EPIPE ? 141 : 1)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }
}

/// Ends the process with this code.
func exitProcess(_ code: Int32) -> Never { exit(code) }

/// Seconds of a clock that never jumps.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Waits between two polls of a job.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
