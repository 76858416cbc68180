internal import NodeMetrics
internal import TabletModel

extension BackendNode {
    /// Gauges read what the node knows anyway; none touches a disk.
    func publishGauges(_ registry: MetricsRegistry) {
        registry.gauges("doris_be_agent_task_queue_size", help: "Tasks that wait, by pool") { [weak self] in
            self?.poolGauge(\.waiting) ?? []
        }
        registry.gauges("tabletd_be_agent_tasks_running", help: "Tasks that run, by pool") { [weak self] in
            self?.poolGauge(\.running) ?? []
        }
        registry.gauge("tabletd_be_tasks_unacknowledged", help: "Tasks that ended and the master has not heard of") {
            [weak self] in Double(self?.unacknowledged ?? 0)
        }
        registry.gauge("tabletd_be_tablets_loaded", help: "1 once the tablets are loaded") { [weak self] in
            self?.isLoaded == true ? 1 : 0
        }
        registry.gauge("tabletd_be_report_version", help: "Report version") { [weak self] in
            Double(self?.currentReportVersion ?? 0)
        }
        let disks: [(name: String, help: String, value: @Sendable (DiskReport) -> Double)] = [
            ("doris_be_disks_total_capacity", "Bytes of the data dir's file system", { Double($0.totalBytes) }),
            ("doris_be_disks_avail_capacity", "Bytes left in that file system", { Double($0.availableBytes) }),
            ("doris_be_disks_local_used_capacity", "Bytes of tablet data in the dir", { Double($0.dataUsedBytes) }),
            ("doris_be_disks_remote_used_capacity", "Bytes of its tablets in S3", { Double($0.remoteUsedBytes) }),
            ("doris_be_disks_trash_used_capacity", "Bytes in the data dir's trash", { Double($0.trashUsedBytes) }),
            ("doris_be_disks_state", "1 good, 0 bad", { $0.isUsed ? 1 : 0 }),
            ("tabletd_be_disk_takes_rows", "0: the data dir is full, read-only or failed", { $0.takesData ? 1 : 0 }),
        ]
        for disk in disks {
            registry.gauges(disk.name, help: disk.help) { [weak self] in
                (self?.lastDisks ?? []).map { ([("path", $0.rootPath)], disk.value($0)) }
            }
        }
    }

    private func poolGauge(_ value: KeyPath<PoolStatus, Int>) -> [(labels: [(String, String)], value: Double)] {
        pools().map { ([("type", $0.name)], Double($0[keyPath: value])) }
    }
}
