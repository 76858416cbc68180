import Foundation

/// 1536 → "1.5 KiB".
func formatBytes(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(bytes)
    var unit = 0
    while abs(value) >= 1024, unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
}

/// 75 → "1m15s".
func formatSeconds(_ seconds: Double) -> String {
    // Far beyond any age, and for what is no number at all: a server may say anything.
    let whole = seconds.isFinite ? Int(min(max(0, seconds), 1e15).rounded()) : 0
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return String(format: "%dm%02ds", whole / 60, whole % 60) }
    return String(format: "%dh%02dm", whole / 3600, whole % 3600 / 60)
}

/// How long ago a time of the API (milliseconds since 1970, 0 = never) was.
func formatAge(_ milliseconds: Int64, now: Date = Date()) -> String {
    if milliseconds <= 0 { return "never" }
    return formatSeconds(now.timeIntervalSince1970 - Double(milliseconds) / 1000) + " ago"
}

func formatTime(_ milliseconds: Int64) -> String {
    if milliseconds <= 0 { return "-" }
    return Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
}

/// The sum, or the greatest number there is: a server may say anything.
func clampedSum(_ numbers: some Sequence<Int64>) -> Int64 {
    numbers.reduce(0) { sum, number in
        let (next, overflow) = sum.addingReportingOverflow(number)
        return overflow ? (number < 0 ? .min : .max) : next
    }
}

func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }

/// Milliseconds since 1970.
func nowMilliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
