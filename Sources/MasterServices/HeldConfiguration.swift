internal import Synchronization

/// The configuration that all rooms of one master share, some of which changes while it runs.
final class HeldConfiguration: Sendable {
    private let values: Mutex<MasterConfiguration>

    init(_ values: MasterConfiguration) { self.values = Mutex(values) }

    var current: MasterConfiguration { values.withLock { $0 } }

    /// Takes over what the rooms read where they use it; the rest stays as it was at the start.
    func adopt(_ new: MasterConfiguration) {
        values.withLock { values in
            values.allowsSameHost = new.allowsSameHost
            values.highWatermarkPercent = new.highWatermarkPercent
            values.tabletCreateTimeout = new.tabletCreateTimeout
            values.stragglerWait = new.stragglerWait
            values.stragglerPatience = new.stragglerPatience
            values.publishWait = new.publishWait
            values.loadTimeout = new.loadTimeout
            values.runningLoadLimit = new.runningLoadLimit
            values.maxLoadBytes = new.maxLoadBytes
            values.spoolLimitBytes = new.spoolLimitBytes
            values.cooldownConfTimeout = new.cooldownConfTimeout
            values.activeCooldownJobs = new.activeCooldownJobs
            values.repair.isDisabled = new.repair.isDisabled
            values.repair.disablesDiskBalance = new.repair.disablesDiskBalance
        }
    }
}
