public import Platform
internal import Synchronization
internal import TabletModel

/// Slows down who tries passwords: after some failures each further try of the same address, and of the same user, has to wait,
/// longer with every failure. It decides and counts; the caller waits. Any thread.
///
/// A user is slowed less than an address, and not at all where that user logged in before: else anybody could lock a user
/// out by trying. Tries that wait stand in line, so a hundred at once get no more answers than one after another.
public final class LoginThrottle: Sendable {
    private let settings: LoginThrottleSettings
    private let time: any TimeSource
    private let state: Mutex<State>

    private struct State {
        var addresses: FailureTable
        var users: FailureTable
        /// Where users logged in, and when last.
        var homes: [Home: MonotonicTime] = [:]
        var counts = LoginThrottleCounts()
    }

    private struct Home: Hashable {
        var user: String
        var address: String
    }

    public init(_ settings: LoginThrottleSettings = .init(), time: any TimeSource) {
        self.settings = settings
        self.time = time
        state = Mutex(
            State(
                addresses: FailureTable(settings, longestDelay: settings.longestDelayOfAddress),
                users: FailureTable(settings, longestDelay: settings.longestDelayOfUser)))
    }

    /// Asked before the password is looked at.
    public func admit(user: String, address: String) -> LoginAdmission {
        let home = Self.home(user, address)
        let now = time.monotonicNow
        return state.withLock { state in
            let atHome = state.homes[home].map { now - $0 < settings.homeKeptFor } ?? false
            let wait = max(
                state.addresses.wait(home.address, now: now),
                atHome ? .zero : state.users.wait(home.user, now: now))
            guard wait <= settings.longestWait else {
                state.counts.refused += 1
                return .refused(retryAfter: wait)
            }
            if wait > .zero { state.counts.delayed += 1 }
            state.addresses.reserve(home.address, at: now + wait)
            if !atHome { state.users.reserve(home.user, at: now + wait) }
            return wait > .zero ? .after(wait) : .now
        }
    }

    /// The password was wrong, or there is no such user.
    public func failed(user: String, address: String) {
        let home = Self.home(user, address)
        let now = time.monotonicNow
        state.withLock { state in
            state.counts.failed += 1
            state.addresses.count(home.address, of: home.user, now: now)
            state.users.count(home.user, of: home.user, now: now)
        }
    }

    /// The password was right.
    public func succeeded(user: String, address: String) {
        let home = Self.home(user, address)
        let now = time.monotonicNow
        state.withLock { state in
            // Somebody who mistyped, unless other users were tried from there as well.
            state.addresses.forgive(home.address, of: home.user)
            state.homes[home] = now
            if state.homes.count > settings.entries { state.homes = newest(state.homes) }
        }
    }

    public var counts: LoginThrottleCounts { state.withLock { $0.counts } }

    /// What is remembered now, for tests of the limit.
    var remembered: Int { state.withLock { $0.addresses.count + $0.users.count + $0.homes.count } }

    private func newest(_ homes: [Home: MonotonicTime]) -> [Home: MonotonicTime] {
        Dictionary(
            uniqueKeysWithValues: homes.sorted { $0.value > $1.value }.prefix(settings.entries * 3 / 4).map { $0 })
    }

    /// Whoever has one address of IPv6 has 2^64 of them. Long names are nobody's: what is kept of them is bounded.
    private static func home(_ user: String, _ address: String) -> Home {
        let network = IPAddress(address).map { "\($0.isIPv4 ? $0 : $0.prefix(64))" } ?? String(address.prefix(64))
        return Home(user: String(user.prefix(64)), address: network)
    }
}

/// What a try of a login is told.
public enum LoginAdmission: Hashable, Sendable {
    case now
    /// Look at the password when so much time has passed.
    case after(Duration)
    /// Too many stand in line: don't look at it.
    case refused(retryAfter: Duration)
}

public struct LoginThrottleCounts: Hashable, Sendable {
    public var failed = 0
    public var delayed = 0
    public var refused = 0
}

public struct LoginThrottleSettings: Sendable {
    /// Failures after which the next try need not wait.
    public var free = 3
    /// What the failure after these costs; each further one costs double.
    public var firstDelay: Duration = .milliseconds(200)
    public var longestDelayOfAddress: Duration = .seconds(30)
    public var longestDelayOfUser: Duration = .seconds(2)
    /// Who would wait longer is refused instead: a client waits no longer for its login.
    public var longestWait: Duration = .seconds(10)
    /// Failures are forgotten after so long without another.
    public var forgottenAfter: Duration = .seconds(900)
    /// How long a user who logged in somewhere is known there.
    public var homeKeptFor: Duration = .seconds(7 * 86_400)
    /// Addresses, users and homes that are remembered, each.
    public var entries = 4096

    public init() {}
}
