internal import TabletModel

/// A snapshot's folder name: `{yyyymmddHHMMSS}.{sequence}.{timeout_s}`, the time in UTC. When it expires can be read off it,
/// so that a forgotten snapshot goes without any record of it.
struct SnapshotName: Hashable, CustomStringConvertible {
    /// Seconds since 1970.
    let createdAt: Int64
    let sequence: Int64
    let timeoutSeconds: Int64

    init(createdAt: UnixTime, sequence: Int64, timeoutSeconds: Int64) {
        self.createdAt = createdAt.seconds
        self.sequence = sequence
        self.timeoutSeconds = timeoutSeconds
    }

    /// nil for any other text, also for one that says the same in another way.
    init?(text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 14, let createdAt = Self.seconds(parts[0]),
            let sequence = Int64(parts[1]), sequence >= 0, let timeout = Int64(parts[2]), timeout >= 0
        else { return nil }
        self.createdAt = createdAt
        self.sequence = sequence
        self.timeoutSeconds = timeout
        guard description == text else { return nil }
    }

    func hasExpired(at now: UnixTime) -> Bool { now.seconds - createdAt >= timeoutSeconds }

    var description: String {
        let (day, second) = createdAt.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, date) = Self.civil(day)
        let parts = [(year, 4), (month, 2), (date, 2), (second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2)]
        return parts.map { Self.padded($0.0, $0.1) }.joined() + ".\(sequence).\(timeoutSeconds)"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func seconds(_ digits: some StringProtocol) -> Int64? {
        guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let numbers = digits.utf8.map { Int64($0) - 48 }
        func number(_ range: Range<Int>) -> Int64 { numbers[range].reduce(0) { $0 * 10 + $1 } }
        let (month, date) = (number(4..<6), number(6..<8))
        guard (1...12).contains(month), (1...31).contains(date) else { return nil }
        let day = daysSince1970(number(0..<4), month, date)
        return day * 86_400 + number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14)
    }

    // MARK: The Gregorian calendar, with years that begin in March so that the leap day is the last.

    private static func daysSince1970(_ year: Int64, _ month: Int64, _ date: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + date - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + ofYear - 719_468
    }

    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, date: Int64) {
        let shifted = day + 719_468
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        let month = (fromMarch + 2) % 12 + 1
        let year = yearOfEra + shifted / 146_097 * 400 + (month <= 2 ? 1 : 0)
        return (year, month, ofYear - (153 * fromMarch + 2) / 5 + 1)
    }
}
