internal import Glibc

/// What a companion process hears from the one that started it.
public enum CompanionInput {
    /// Bytes of one text, at most.
    public static let limit = 4096

    /// Hands out each text, and returns once the parent has ended. Blocking. Signals that end daemons are ignored from here on: who
    /// ends a group of processes ends the parent, too.
    ///
    /// - Parameters:
    ///   - parent: the process that started this one. That its connection is closed is not believed alone.
    ///   - name: what `ps` and `top` call this one.
    public static func read(from parent: Int32, as name: String, _ body: (_ text: String) -> Void) {
        if let comm = fopen("/proc/self/comm", "w") {
            fputs(name, comm)
            fclose(comm)
        }
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 {
                body(String(decoding: buffer[..<count], as: UTF8.self))
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        // It closes its files before it is gone, and nothing that could be waited for tells the rest.
        while getppid() == parent { usleep(1000) }
    }
}
