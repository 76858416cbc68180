internal import TabletModel

/// Which tablets of one backend go from its fullest disk to its emptiest, so that both are equally full. Pure.
///
/// Disks are compared within a medium, by how much of each is used; trash counts as free, since it is, in a while. A round
/// begins where two differ by at least the threshold, and evens them out to less than half of it; a tablet that would turn the
/// scales is not moved. So disks that are about equal are left in peace, and no tablet goes to and fro.
struct DiskBalancePlan {
    struct Disk: Hashable, Sendable {
        var path: String
        var pathHash: Int64
        var medium: StorageMedium
        var totalBytes: Int64
        /// Without trash.
        var usedBytes: Int64
        var takesData: Bool

        var permille: Int64 { Int64(Double(usedBytes) / Double(max(totalBytes, 1)) * 1000) }
    }

    struct Candidate: Hashable, Sendable {
        var tabletID: TabletID
        var bytes: Int64
    }

    struct Step: Hashable, Sendable {
        var tabletID: TabletID
        var bytes: Int64
        var to: String
    }

    /// The two disks of a round.
    struct Pair: Hashable, Sendable {
        var fullest: Disk
        var emptiest: Disk
        /// What has to move for both to be equally full.
        var bytes: Int64
    }

    /// Smaller tablets are not worth the trouble.
    static let leastBytes: Int64 = 1 << 20

    var thresholdPermille: Int64
    /// A disk is not filled above this.
    var highWatermarkPermille: Int64
    /// Tablets of one round.
    var limit: Int

    /// The pair that differs most; nil when none differs enough.
    func pair(_ disks: [Disk]) -> Pair? {
        var best: Pair?
        for medium in Set(disks.map(\.medium)) {
            let group = disks.filter { $0.medium == medium && $0.totalBytes > 0 }
            guard let fullest = group.max(by: { ($0.permille, $1.path) < ($1.permille, $0.path) }),
                let emptiest = group.filter(\.takesData).min(by: { ($0.permille, $0.path) < ($1.permille, $1.path) }),
                fullest.permille - emptiest.permille >= thresholdPermille
            else { continue }
            let bytes = Self.evening(fullest, emptiest)
            if bytes > best?.bytes ?? 0 { best = Pair(fullest: fullest, emptiest: emptiest, bytes: bytes) }
        }
        return best
    }

    /// (used - x) / total is the same on both sides.
    private static func evening(_ from: Disk, _ to: Disk) -> Int64 {
        let (fromTotal, toTotal) = (Double(from.totalBytes), Double(to.totalBytes))
        let bytes =
            (Double(from.usedBytes) * toTotal - Double(to.usedBytes) * fromTotal) / (fromTotal + toTotal)
        return Int64(max(0, min(bytes, 1e18)))
    }

    /// The largest tablets that fit in what is to move, the largest first.
    /// - Parameter candidates: of the fullest disk.
    func steps(_ pair: Pair, _ candidates: [Candidate]) -> [Step] {
        let room = Double(pair.emptiest.totalBytes) * Double(highWatermarkPermille) / 1000
        var left = min(pair.bytes, Int64(max(0, min(room - Double(pair.emptiest.usedBytes), 1e18))))
        var steps: [Step] = []
        let sorted = candidates.sorted { ($1.bytes, $0.tabletID) < ($0.bytes, $1.tabletID) }
        for candidate in sorted where candidate.bytes >= Self.leastBytes && candidate.bytes <= left {
            guard steps.count < limit else { break }
            steps.append(Step(tabletID: candidate.tabletID, bytes: candidate.bytes, to: pair.emptiest.path))
            left -= candidate.bytes
        }
        return steps
    }
}

extension DiskBalancePlan.Disk {
    /// nil for a disk that is away, or says what can't be.
    init?(_ report: DiskReport) {
        guard report.isUsed, report.totalBytes > 0, (0...report.totalBytes).contains(report.availableBytes) else {
            return nil
        }
        let used = report.totalBytes - report.availableBytes
        self.init(
            path: report.rootPath, pathHash: report.pathHash, medium: report.medium, totalBytes: report.totalBytes,
            usedBytes: max(0, used - max(0, report.trashUsedBytes)), takesData: report.takesData)
    }
}
