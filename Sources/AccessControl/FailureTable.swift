internal import TabletModel

/// Failures of addresses or of users: a bounded number of either.
struct FailureTable {
    private struct Entry {
        var failures: Int
        var last: MonotonicTime
        /// When the next try may be looked at.
        var free: MonotonicTime
        /// All failures were of this user; nil: of several.
        var user: String?
    }

    private let settings: LoginThrottleSettings
    private let longestDelay: Duration
    private var entries: [String: Entry] = [:]

    init(_ settings: LoginThrottleSettings, longestDelay: Duration) {
        self.settings = settings
        self.longestDelay = longestDelay
    }

    var count: Int { entries.count }

    func wait(_ key: String, now: MonotonicTime) -> Duration {
        guard let entry = entries[key], now - entry.last < settings.forgottenAfter else { return .zero }
        return max(.zero, entry.free - now)
    }

    /// The try at this time has a place in the line; the next comes behind it.
    mutating func reserve(_ key: String, at time: MonotonicTime) {
        guard let entry = entries[key], time - entry.last < settings.forgottenAfter else { return }
        let free = max(entry.free, time) + delay(entry.failures)
        entries[key]?.free = free
    }

    mutating func count(_ key: String, of user: String, now: MonotonicTime) {
        if let known = entries[key], now - known.last < settings.forgottenAfter {
            entries[key] = Entry(
                failures: known.failures + 1, last: now, free: max(known.free, now + delay(known.failures + 1)),
                user: known.user == user ? user : nil)
        } else {
            entries[key] = Entry(failures: 1, last: now, free: now, user: user)
            if entries.count > settings.entries { shrink(now: now) }
        }
    }

    mutating func forgive(_ key: String, of user: String) {
        if entries[key]?.user == user { entries[key] = nil }
    }

    private func delay(_ failures: Int) -> Duration {
        guard failures > settings.free else { return .zero }
        return min(longestDelay, settings.firstDelay * (1 << min(failures - settings.free - 1, 20)))
    }

    /// Keeps those who failed most, the latest of them first: names that are made up fail once each.
    private mutating func shrink(now: MonotonicTime) {
        let kept = entries.filter { now - $0.value.last < settings.forgottenAfter }
            .sorted { ($0.value.failures, $0.value.last) > ($1.value.failures, $1.value.last) }
        entries = Dictionary(uniqueKeysWithValues: kept.prefix(settings.entries * 3 / 4).map { ($0.key, $0.value) })
    }
}
