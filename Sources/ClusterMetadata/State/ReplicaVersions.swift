public import TabletModel

/// What the FE knows of one replica's history, and how it learns: pure, so that every order of events can be tried.
///
/// Rules of `contract/behaviour.md §7` (updateVersionInfo, publish). Whatever happened before, a replica that shows a
/// whole history up to the visible version is healthy again after `reportedWhole`: no state is a dead end.
public struct ReplicaVersions: Hashable, Sendable {
    /// Everything up to here is on the replica, as far as the FE knows.
    public var version: Version
    /// A version at or above this one is missing; `.none` when nothing is known to be missing.
    public var lastFailed: Version
    /// The newest version that the replica took, also above a gap.
    public var lastSuccess: Version

    @inlinable public init(version: Version, lastFailed: Version = .none, lastSuccess: Version? = nil) {
        self.version = version
        self.lastFailed = lastFailed
        self.lastSuccess = lastSuccess ?? version
    }

    /// Nothing up to `visible` is missing.
    @inlinable public func isComplete(upTo visible: Version) -> Bool { lastFailed == .none && version >= visible }

    /// Takes in a version that is known to be whole, with what is known of failures and successes. A lower version than
    /// the known one is ignored. Returns false when it was.
    @discardableResult
    public mutating func update(version new: Version, lastFailed failed: Version, lastSuccess succeeded: Version)
        -> Bool
    {
        guard new >= version else { return false }
        version = new
        if lastSuccess <= lastFailed { lastSuccess = version }
        if failed > lastFailed {
            lastFailed = failed
            lastSuccess = version
        } else {
            lastSuccess = max(lastSuccess, succeeded)
            if lastFailed >= lastSuccess { lastSuccess = version }
        }
        clearIfCaughtUp()
        return true
    }

    /// The replica published `new`. `visible` is the partition's visible version before it: a replica that is behind it
    /// has missed something, even if nobody saw it fail.
    public mutating func published(_ new: Version, visibleBefore visible: Version) {
        guard new > version else { return }
        if lastFailed != .none {
            lastSuccess = max(lastSuccess, new)
        } else if version < visible {
            lastFailed = visible
            lastSuccess = new
        } else {
            version = new
            lastSuccess = max(lastSuccess, new)
        }
        clearIfCaughtUp()
    }

    /// The replica did not take `new` when others did.
    public mutating func failed(_ new: Version) {
        guard new > version else { return }
        lastFailed = max(lastFailed, new)
        if lastSuccess < version { lastSuccess = version }
    }

    /// A report says that a version at or below the newest is missing: the first that can be is the one after
    /// `version`.
    public mutating func reportedMissing() {
        if lastFailed == .none { lastFailed = version.next }
    }

    /// A report shows the replica whole up to `reported`, with no gap, and without anything above. At `visible` or
    /// beyond nothing can be missing: what was marked as failed has been healed, or never becomes visible, or is marked
    /// again when it does. Below `visible` it is behind; what it was believed to have taken above `reported` is not
    /// there. A lower version than the known one is for `regressed`, and changes nothing here.
    public mutating func reportedWhole(_ reported: Version, visible: Version) {
        guard reported >= version else { return }
        version = reported
        lastSuccess = reported
        if reported >= visible || lastFailed <= reported { lastFailed = .none }
    }

    /// The replica turned out to be older than was believed: it ends at `reported`. What is visible above that is
    /// missing, and perhaps (`isMissing`) something below. Doris ignores lower versions, and goes on asking a replica
    /// that has not got the rows.
    public mutating func regressed(to reported: Version, isMissing: Bool, visible: Version) {
        guard reported < version else { return }
        version = reported
        lastSuccess = reported
        lastFailed = reported >= visible && !isMissing ? .none : max(lastFailed, visible, reported.next)
    }

    /// The end of a clone shows that the replica is whole up to `reported`. Unlike a report it can't have been made
    /// before what it is about, so a lower version than the known one is believed too.
    public mutating func cloned(to reported: Version, visible: Version) {
        regressed(to: reported, isMissing: false, visible: visible)
        reportedWhole(reported, visible: visible)
    }

    /// A replica that reached what it once failed is complete up to the newest version it took.
    private mutating func clearIfCaughtUp() {
        guard version >= lastFailed else { return }
        lastFailed = .none
        if version < lastSuccess { version = lastSuccess }
    }
}
