internal import ClusterTestKit
internal import ElectionTestKit
internal import FrontendElection
internal import Platform

/// What several FEs share: their edit log, and the leases by which one of them leads.
struct SharedLog: Sendable {
    let leases: SimulatedLeases
    let log: SimulatedLog

    init(scheduler: ManualScheduler, random: SeededRandom, settings: SimulationSettings) {
        let random = random.fork("log")
        let rate = ClockRate(driftPermille: settings.drift(random))
        leases = SimulatedLeases { rate.shown(at: scheduler.monotonicNow) }
        log = SimulatedLog(leases: leases, random: random)
        log.setComparesFences(!settings.flaws.contains(.logBelievesAnyMaster))
    }
}

extension SimulationSettings {
    /// By how many thousandths a clock is wrong.
    func drift(_ random: SeededRandom) -> Int64 {
        let bound = Int64(election.driftPermille)
        return Int64(random.next(below: UInt64(2 * bound + 1))) - bound
    }
}
