internal import Glibc
internal import TabletModel

/// The middle of the values; of an even number, the mean of the two in the middle; 0 of none.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// The value that this share of the values (0...1) does not exceed. `sorted` must be ascending and not empty.
func percentile(_ share: Double, ofSorted sorted: [Int64]) -> Int64 {
    sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
}

func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }

func secondsOf(_ body: () throws -> Void) rethrows -> Double { seconds(try ContinuousClock().measure(body)) }

/// User and system time of this process so far.
func processCPUSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let spent = [usage.ru_utime, usage.ru_stime]
    return spent.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
}

/// Resident memory of this process, from the kernel's `statm`; 0 when it can't be read.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
