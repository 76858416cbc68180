internal import ClusterMetadata
internal import EtcdClient
internal import Foundation
internal import FrontendRoles
internal import Glibc
internal import ServerFixtures
internal import Synchronization
internal import TabletModel

/// The edit log in etcd, of three members on this machine.
struct LogBench {
    static let writers = 64

    let folder: String
    let seconds: Double
    /// To replay.
    let entries: Int

    private let cluster = BigCluster(tablets: 10_000, tables: 25)

    init(folder: String, seconds: Double, entries: Int) {
        self.folder = folder
        self.seconds = seconds
        self.entries = entries
    }

    func run(runs: Int) throws -> [Figure] {
        let etcd = try EtcdServers(count: 3)
        defer { etcd.stop() }
        let log = try FollowedLog(etcd, folder: folder + "/log")
        defer { log.stop() }
        try cluster.make(ports: []) { try log.leader.commit($0) }
        return try edits(log, runs: runs) + lag(log) + replay(log)
    }

    // MARK: Edits

    private struct Run {
        var rate: Double
        var p99Ms: Double
        var bareRate: Double
    }

    private func edits(_ log: FollowedLog, runs: Int) throws -> [Figure] {
        let all = try (0..<max(1, runs)).map { try run(log, number: $0) }
        return [
            Figure(key: "edits_per_s", value: median(all.map(\.rate))),
            Figure(key: "bare_edits_per_s", value: median(all.map(\.bareRate))),
            Figure(key: "edits_vs_bare", value: median(all.map { $0.rate / $0.bareRate }), goal: .atLeast(0.8)),
            Figure(key: "edit_p99_ms", value: median(all.map(\.p99Ms))),
        ]
    }

    private func run(_ log: FollowedLog, number: Int) throws -> Run {
        let before = log.leader.lastLogID
        let (times, taken) = try edit(log)
        let made = Double(log.leader.lastLogID - before)
        // The same batches, by one who does nothing else, in the same minute.
        let values = try log.batchBytes(after: before).map { [UInt8](repeating: 7, count: $0) }
        let bare = try secondsOf {
            for (place, value) in values.enumerated() {
                _ = try log.client.transaction(
                    EtcdTransaction(compares: [], success: [.put("/bare/\(number)/\(place)", value)], failure: []))
            }
        }
        try log.client.delete(.prefix("/bare/"))
        return Run(
            rate: made / taken, p99Ms: Double(percentile(0.99, ofSorted: times.sorted())) / 1e6, bareRate: made / bare)
    }

    /// Of all writers together, each of which waits until its own is durable.
    /// - Returns: nanoseconds of each edit, and how long it all took.
    private func edit(_ log: FollowedLog) throws -> (times: [Int64], taken: Double) {
        let (leader, cluster) = (log.leader, cluster)
        let times = Mutex<[Int64]>([])
        let taken = try WriterThreads.run(Self.writers, for: seconds) { number in
            let time = try ContinuousClock().measure { try leader.commit([cluster.edit(number)]) }
            times.withLock { $0.append(time.wholeNanoseconds) }
        }
        return (times.withLock { $0 }, taken)
    }

    // MARK: Followers

    /// From an edit's acknowledgement until a follower shows it, while all writers write.
    private func lag(_ log: FollowedLog) throws -> [Figure] {
        let follower = try log.openFollower("near")
        let replayer = log.replayer(of: follower)
        replayer.start()
        defer { replayer.stop() }
        let leader = log.leader
        let lags = Mutex<[Int64]>([])
        let sampler = WriterThreads(1) { _ in
            let wanted = leader.lastLogID
            let lag = try ContinuousClock().measure {
                try waitUntil("the follower to replay", within: 60, pauseMs: 0) { follower.lastLogID >= wanted }
            }
            lags.withLock { $0.append(lag.wholeNanoseconds) }
            usleep(1000)
        }
        _ = try edit(log)
        try sampler.stop()
        let sorted = lags.withLock { $0.sorted() }
        return [
            Figure(key: "follower_lag_ms", value: Double(percentile(0.99, ofSorted: sorted)) / 1e6, goal: .atMost(50))
        ]
    }

    private func replay(_ log: FollowedLog) throws -> [Figure] {
        for start in stride(from: 0, to: entries, by: 1000) {
            try log.leader.commit((start..<start + 1000).map { cluster.edit($0) })
        }
        let rates = try (0..<3).map { number in
            var replayed: Int64 = 0
            let taken = try secondsOf { replayed = try log.openFollower("far\(number)").lastLogID }
            return Double(replayed) / taken
        }
        return [Figure(key: "replay_per_s", value: median(rates), goal: .atLeast(500_000))]
    }
}
