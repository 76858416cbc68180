internal import Synchronization

extension BackendNode {
    /// Works by these from now on, as far as they may change while it runs: the intervals of the reports, of the looks at disks
    /// and of those for due cooldowns, and whether it compacts by itself.
    public func adopt(_ options: BackendOptions) {
        reports.task.change(interval: options.taskReportInterval)
        reports.disk.change(interval: options.diskReportInterval)
        reports.tablet.change(interval: options.tabletReportInterval)
        upkeep.diskCheck.change(interval: options.diskCheckInterval)
        cooldown.loop?.change(interval: options.cooldownInterval)
        compactsByItself.turn(options.compactsByItself)
    }
}

/// Whether the node compacts by itself now.
final class CompactionSwitch: Sendable {
    // Publishes no other memory, hence relaxed.
    private let on: Atomic<Bool>

    init(_ isOn: Bool) { on = Atomic(isOn) }

    var isOn: Bool { on.load(ordering: .relaxed) }
    func turn(_ isOn: Bool) { on.store(isOn, ordering: .relaxed) }
}
