internal import ClusterTestKit
internal import Platform

/// What happens to the disks of machines that stay up.
extension SimulatedCluster {
    public enum DiskFault: String, Hashable, Sendable, CaseIterable {
        /// Somebody else takes all that is left.
        case full
        /// The kernel remounts it read-only.
        case readOnly
        /// Every operation ends in an error, reading too.
        case failed
        /// It is not mounted any more: the folder is there, and empty.
        case away
        /// The process has no descriptors left.
        case exhausted
        /// Some operations take seconds.
        case slow
    }

    private static let slowOperation = Duration.seconds(3)

    /// The disk of a living backend is so from now on, until `calmDisk`.
    public func trouble(_ backend: SimulatedBackend, _ fault: DiskFault) {
        log.note("the disk of \(backend.name) is \(fault.rawValue)")
        let disk = backend.machine.fileSystem
        switch fault {
        case .full: disk.capacityBytes = disk.usedBytes
        case .readOnly: disk.setReadOnly("/")
        case .failed: disk.setTrouble(.io)
        case .away: disk.setTrouble(.notFound)
        case .exhausted: disk.setTrouble(.exhausted)
        case .slow: backend.setDiskPace(Self.slowOperation)
        }
    }

    /// Whatever was wrong with the disk is over.
    public func calmDisk(of backend: SimulatedBackend) {
        log.note("the disk of \(backend.name) is well")
        let disk = backend.machine.fileSystem
        disk.capacityBytes = 1 << 40
        disk.setReadOnly(nil)
        disk.setTrouble(nil)
        backend.setDiskPace(nil)
    }
}
