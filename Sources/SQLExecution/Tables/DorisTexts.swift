internal import TabletModel

/// Times, sizes and yes or no as Doris' tables show them.
enum DorisTexts {
    /// `2024-06-08 12:00:00`, in UTC; nil: never.
    static func time(_ milliseconds: Int64) -> String? {
        guard milliseconds > 0 else { return nil }
        let text = UnixTime(milliseconds: milliseconds).iso8601
        return "\(text.prefix(10)) \(text.dropFirst(11).dropLast())"
    }

    /// `1.500 GB`.
    static func size(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["", "KB", "MB", "GB"] {
            if abs(value) < 1024 { return "\(fixed(value, 3)) \(unit)" }
            value /= 1024
        }
        return "\(fixed(value, 3)) TB"
    }

    /// `12.34 %`.
    static func percent(_ part: Int64, of whole: Int64) -> String {
        "\(fixed(whole > 0 ? Double(part) * 100 / Double(whole) : 0, 2)) %"
    }

    static func bool(_ isTrue: Bool) -> String { isTrue ? "true" : "false" }
    static func yes(_ isTrue: Bool) -> String { isTrue ? "Yes" : "No" }

    /// With so many digits behind the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
        // What backends tell of themselves may be anything.
        let scaled = Int64(max(-9e18, min(9e18, (value * Double(scale)).rounded())))
        let whole = abs(scaled) / scale
        return "\(scaled < 0 ? "-" : "")\(whole)" + (digits > 0 ? "." + padded(abs(scaled) % scale, digits) : "")
    }
}
