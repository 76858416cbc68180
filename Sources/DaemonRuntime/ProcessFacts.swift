internal import Glibc

/// What the system says of this process and of the machine's processors, as `/proc` has it.
public struct ProcessFacts: Sendable {
    public var residentBytes: Int64 = 0
    public var virtualBytes: Int64 = 0
    public var threads: Int64 = 0
    public var openFiles: Int64 = 0
    public var maxOpenFiles: Int64 = 0
    public var hardMaxOpenFiles: Int64 = 0
    public var cpuSeconds: Double = 0
    /// Since 1970.
    public var startSeconds: Double = 0
    /// Time of all processors together by what it went to (`user`, `idle`, …), in hundredths of a second as a rule.
    public var machineTicks: [(mode: String, ticks: Int64)] = []
    /// Of 1, 5 and 15 minutes.
    public var loadAverages: [Double] = []

    /// As they are now. What can't be read is 0, or missing.
    public init() {
        let perSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
        let machine = readText("/proc/stat").split(separator: "\n").map { $0.split(separator: " ") }
        // The name, which may hold blanks, stands in brackets.
        let stat = readText("/proc/self/stat")
        let fields = stat[(stat.lastIndex(of: ")").map { stat.index(after: $0) } ?? stat.startIndex)...]
            .split(separator: " ").map { Int64($0) ?? 0 }
        if fields.count > 21 {
            cpuSeconds = Double(fields[11] + fields[12]) / perSecond
            threads = fields[17]
            let boot = machine.first { $0.first == "btime" }.flatMap { $0.count > 1 ? Double($0[1]) : nil } ?? 0
            startSeconds = boot + Double(fields[19]) / perSecond
            virtualBytes = fields[20]
            residentBytes = fields[21] * pageBytes
        }
        openFiles = countNames("/proc/self/fd")
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            maxOpenFiles = Int64(clamping: limit.rlim_cur)
            hardMaxOpenFiles = Int64(clamping: limit.rlim_max)
        }
        let modes = ["user", "nice", "system", "idle", "iowait", "irq", "soft_irq", "steal", "guest", "guest_nice"]
        if let all = machine.first(where: { $0.first == "cpu" }) {
            machineTicks = zip(modes, all.dropFirst()).map { ($0, Int64($1) ?? 0) }
        }
        loadAverages = readText("/proc/loadavg").split(separator: " ").prefix(3).compactMap { Double($0) }
    }
}

/// Files of `/proc` have no size to be told before they are read.
private func readText(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < 1 << 20 {
        let count = read(file, &piece, piece.count)
        guard count > 0 else { break }
        bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func countNames(_ folder: String) -> Int64 {
    guard let names = opendir(folder) else { return 0 }
    defer { closedir(names) }
    var count: Int64 = 0
    while readdir(names) != nil { count += 1 }
    // Without ".", ".." and the descriptor that reads it.
    return max(0, count - 3)
}

extension ProcessFacts {
    /// What Prometheus' own clients tell of a process, by their names.
    public static let metrics:
        [(name: String, isCounter: Bool, help: String, value: @Sendable (ProcessFacts) -> Double)] = [
            ("process_cpu_seconds_total", true, "Processor time of this process.", { $0.cpuSeconds }),
            (
                "process_resident_memory_bytes", false, "Memory of this process that is in RAM.",
                { Double($0.residentBytes) }
            ),
            ("process_virtual_memory_bytes", false, "Address space of this process.", { Double($0.virtualBytes) }),
            ("process_threads", false, "Threads of this process.", { Double($0.threads) }),
            ("process_open_fds", false, "Open file descriptors.", { Double($0.openFiles) }),
            ("process_max_fds", false, "Descriptors that may be open.", { Double($0.maxOpenFiles) }),
            ("process_start_time_seconds", false, "When this process started, since 1970.", { $0.startSeconds }),
        ]
}
