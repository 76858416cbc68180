/// How the tablet checker and the scheduler go about their work. Names of keys are those of `fe.conf`.
public struct RepairConfiguration: Hashable, Sendable {
    /// `disable_tablet_scheduler`: what is wrong is still found and shown, nothing is done about it.
    public var isDisabled = false
    /// Between two rounds over all tablets: `tablet_checker_interval_ms`.
    public var checkInterval: Duration = .seconds(20)
    /// Between two looks at what is due: `tablet_schedule_interval_ms`.
    public var scheduleInterval: Duration = .seconds(1)
    /// Clones at the same time on one disk, as source or destination: `schedule_slot_num_per_hdd_path`.
    public var slotsPerPath = 4
    /// Tablets in the scheduler's hands: `max_scheduling_tablets`. More urgent ones push less urgent ones out; the checker
    /// finds those again.
    public var maxScheduling = 2000
    /// A backend that is away for less is expected back, and its replicas are not made anew elsewhere:
    /// `tablet_repair_delay_factor_second`.
    public var deadBackendGrace: Duration = .seconds(60)
    /// A replica that is behind gets so long to catch up by itself, in case a publish is under way.
    public var catchUpDelay: Duration = .seconds(5)
    /// A whole replica too many stands for so long before it is dropped.
    public var surplusDelay: Duration = .seconds(60)
    /// Bounds of a clone's lease, which goes by the size of the tablet: `min_clone_task_timeout_sec`.
    public var minCloneTimeout: Duration = .seconds(180)
    /// `max_clone_task_timeout_sec`.
    public var maxCloneTimeout: Duration = .seconds(7200)
    /// Slower clones than this are given up.
    public var minCloneBytesPerSecond: Int64 = 5 << 20
    /// After a failure the tablet waits for so long, twice as long after each further one, up to `retryLimit`.
    public var retryBase: Duration = .seconds(5)
    public var retryLimit: Duration = .seconds(300)
    /// A tablet that has waited for so long moves up one priority.
    public var ageing: Duration = .seconds(300)
    /// After so many failed clones in place a replica that is bad or behind may be made anew on another backend.
    public var attemptsInPlace = 3
    /// `drop_backend_after_decommission`: a decommissioned backend without replicas is forgotten.
    public var dropsDrainedBackends = true
    public var drainInterval: Duration = .seconds(10)
    /// What can't be done now, for want of a slot, a source or a place, is looked at again after so long.
    public var waitInterval: Duration = .seconds(2)
    /// Tablets that one step of the checker looks at.
    public var checkSlice = 20_000
    /// `disable_disk_balance`: tablets move between the disks of a backend only where a person says so.
    public var disablesDiskBalance = false
    /// Disks of one medium whose use differs by so much are evened out: `disk_balance_threshold_percent`.
    public var diskBalanceThresholdPercent = 10
    /// Tablets of one round on one backend: `disk_balance_batch_tablets`.
    public var diskBalanceBatch = 10
    /// A tablet that was moved for balance stays for so long.
    public var diskBalanceRest: Duration = .seconds(3600)
    /// Ended repairs that are remembered.
    public var historyLimit = 300

    public init() {}
}
