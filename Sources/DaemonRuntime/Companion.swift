internal import CChildProcess
internal import Glibc
public import Logging
internal import NativeThreads
internal import Synchronization
internal import TabletModel

/// A child process that outlives this one by a moment: it hears what it is told, and that this process has ended, however that came
/// (`kill -9` included), since the kernel closes the connection. Its side is `CompanionInput`. Any thread.
///
/// It has no file of this process open but standard error, is no member of its process group, and is started anew when it has ended,
/// after a pause in case it ends each time.
public final class Companion: Sendable {
    private let name: String
    private let program: String
    private let arguments: [String]
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State())

    private struct Child: Sendable {
        var socket: Int32
        var pid: Int32
    }

    private struct State: Sendable {
        var child: Child?
        /// Not reaped yet: nobody waits for the end of a process.
        var killed: [Int32] = []
        var startedAt: MonotonicTime?
    }

    /// Starts nothing yet.
    /// - Parameters:
    ///   - name: in the list of processes, and in the log.
    ///   - program: path; `ownProgram` for this process' own.
    ///   - arguments: without the program's name.
    ///   - pause: between two starts, at least.
    public init(
        _ name: String, program: String, arguments: [String], pause: Duration = .seconds(60), logger: Logger
    ) {
        self.name = name
        self.program = program
        self.arguments = arguments
        self.pause = pause
        self.logger = logger
    }

    /// Of this process, even when its file was replaced since.
    public static let ownProgram = "/proc/self/exe"

    /// Tells it a text shorter than `CompanionInput.limit`, and starts it if it does not run. Doesn't wait for it to listen; what
    /// can't be told is logged, and not told later.
    public func tell(_ text: String) {
        state.withLock { state in
            let bytes = Array(text.utf8)
            if let known = state.child {
                if Self.send(bytes, known.socket) { return }
                logger.warning(
                    "a companion process has ended, or takes nothing: it will be started anew",
                    metadata: ["name": "\(name)", "pid": "\(known.pid)"])
                close(known.socket)
                kill(known.pid, SIGKILL)
                state.child = nil
                state.killed.append(known.pid)
            }
            state.killed.removeAll { waitpid($0, nil, WNOHANG) != 0 }
            let now = readMonotonicClock()
            if let started = state.startedAt, now - started < pause { return }
            state.startedAt = now
            do throws(CompanionError) {
                let made = try spawn()
                state.child = made
                guard Self.send(bytes, made.socket) else { throw CompanionError(step: "telling it", code: errno) }
            } catch {
                logger.warning("no companion process", metadata: ["name": "\(name)", "error": "\(error)"])
            }
        }
    }

    /// Of the child that is there.
    public var pid: Int32? { state.withLock { $0.child?.pid } }

    deinit {
        // It ends when this process has.
        state.withLock { $0.child.map { _ = close($0.socket) } }
    }

    private static func send(_ bytes: [UInt8], _ socket: Int32) -> Bool {
        Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) == bytes.count
    }

    private func spawn() throws(CompanionError) -> Child {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw CompanionError(step: "socketpair", code: errno) }
        defer { close(ends[1]) }
        var words = ([name] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // A listening socket or a lock that lived on in it would keep the next process from starting.
        let pid = cchildprocess_start(program, &words, ends[1])
        guard pid > 0 else {
            close(ends[0])
            throw CompanionError(step: "posix_spawn", code: -pid)
        }
        return Child(socket: ends[0], pid: pid)
    }
}

private struct CompanionError: Error, CustomStringConvertible {
    var step: String
    var code: Int32
    var description: String { "\(step): \(String(cString: strerror(code)))" }
}
