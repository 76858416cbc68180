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
        let date = CivilDate(daysSince1970: day)
        let parts = [
            (date.year, 4), (date.month, 2), (date.day, 2), (second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2),
        ]
        return parts.map { padded($0.0, $0.1) }.joined() + ".\(sequence).\(timeoutSeconds)"
    }

    private static func seconds(_ digits: some StringProtocol) -> Int64? {
        guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let numbers = digits.utf8.map { Int64($0) - 48 }
        func number(_ range: Range<Int>) -> Int64 { numbers[range].reduce(0) { $0 * 10 + $1 } }
        let (month, date) = (number(4..<6), number(6..<8))
        guard (1...12).contains(month), (1...31).contains(date) else { return nil }
        let day = CivilDate(year: number(0..<4), month: month, day: date).daysSince1970
        return day * 86_400 + number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14)
    }
}
