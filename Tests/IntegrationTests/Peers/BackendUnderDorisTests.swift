import Foundation
import PeerKit
import ServerFixtures
import Testing

extension IntegrationTests {
    /// `tabletd-be` under an FE of each of Doris' years, and under one that is upgraded and taken back.
    @Suite struct BackendUnderDorisTests {
        private static let cold = PeerPolicy(
            id: 301, name: "cold", version: 1, resourceID: 401, resourceVersion: 1, ttlSeconds: 1_000_000_000)
        private static let spare = PeerPolicy(
            id: 302, name: "spare", version: 1, resourceID: 402, resourceVersion: 1, ttlSeconds: 1_000_000_000)

        @Test(arguments: PeerYear.allCases)
        func anHourUnderAFrontend(year: PeerYear) async {
            await PeerHour.run(year, backends: 3) { hour in
                let ids = hour.ids
                hour.frontend.setPolicies([Self.cold, Self.spare])
                let plain = try hour.frontend.createTablet(partition: 5, on: ids, isInMemory: true)
                let cooling = try hour.frontend.createTablet(partition: 6, on: ids, policy: Self.cold)
                let late = try hour.frontend.createTablet(partition: 7, on: ids)
                _ = cooling
                hour.step("loads") { _ in
                    for partition: Int64 in [5, 6, 7, 7] { try hour.load(into: partition) }
                }
                hour.step("in_memory is altered, both ways") { frontend in
                    frontend.alter(plain, isInMemory: false)
                    frontend.alter(late, isInMemory: true)
                }
                if year == .year2026 {
                    hour.step("replica ids and a partition change") { frontend in
                        frontend.renumber(try frontend.createTablet(partition: 10, on: ids), intoPartition: 9)
                    }
                }
                hour.step("a policy is attached") { frontend in try frontend.attach(Self.cold, to: late) }
                hour.step("a replica misses a version, says so, and is cloned") { frontend in
                    let missed = try hour.push(into: 5, on: Array(ids.dropLast()))
                    let hole = try frontend.publish(missed, seconds: 10) - 1
                    try hour.load(into: 5)
                    try frontend.wait("version \(hole) with version_miss of tablet \(plain)", seconds: 8) {
                        frontend.reported("version", of: plain, on: ids[2])?.number == hole
                            && frontend.reported("version_miss", of: plain, on: ids[2])?.flag == true
                    }
                }
                hour.step("the clone") { frontend in try frontend.clone(plain, from: ids[0], to: ids[2]) }
                hour.step("a load is given up") { frontend in frontend.abort(try hour.push(into: 7)) }
                hour.step("a policy changes, another is dropped") { frontend in
                    var newer = Self.cold
                    newer.version = 2
                    newer.resourceVersion = 2
                    frontend.setPolicies([newer])
                }
                hour.step("a table is dropped") { frontend in
                    let doomed = try frontend.createTablet(partition: 8, on: ids)
                    try frontend.dropTablet(doomed)
                }
                for partition: Int64 in [5, 6, 7] {
                    hour.step("a load at the end") { _ in try hour.load(into: partition) }
                }
                try hour.expectPeace()
                let heartbeats = hour.frontend.heartbeats
                hour.complaints.unless(heartbeats >= 100, "\(heartbeats) heartbeats")
            }
        }

        /// An upgrade of the FE, and the way back: the metadata are the same, the words are not.
        @Test func theFrontendIsUpgradedAndTakenBack() async {
            await PeerHour.run(.january2023, backends: 2) { hour in
                hour.frontend.setPolicies([Self.cold])
                let tablet = try hour.frontend.createTablet(partition: 5, on: hour.ids)
                _ = try hour.frontend.createTablet(partition: 6, on: hour.ids, policy: Self.cold)
                for year in [PeerYear.january2023, .year2026, .january2023] {
                    hour.frontend.become(year)
                    hour.step("reports in the words of the new process") { frontend in
                        try frontend.waitForHeartbeats(4)
                        try frontend.waitForReports(2)
                        frontend.startCounting()
                    }
                    hour.step("loads") { _ in for partition: Int64 in [5, 6] { try hour.load(into: partition) } }
                    hour.step("in_memory is altered") { $0.alter(tablet, isInMemory: year == .year2026) }
                    try hour.expectPeace(afterReports: 5)
                }
            }
        }

        /// Each comes once, and ends once, in words that the year has.
        @Test(arguments: PeerYear.allCases)
        func everyTaskEndsOnceInAStatusOfTheYear(year: PeerYear) async {
            await PeerHour.run(year, backends: 1) { hour in
                let (frontend, id) = (hour.frontend, hour.ids[0])
                let tablet = try frontend.createTablet(partition: 5, on: [id])
                hour.step("a load") { _ in try hour.load(into: 5) }
                let shadow = try frontend.createTablet(partition: 5, on: [id], base: tablet)
                let probes = PeerProbe.all(year, tablet: tablet, shadow: shadow) { frontend.newSignature() }
                for probe in probes { frontend.sendOnce(probe.task, to: id) }
                for probe in probes {
                    hour.step("the end of: \(probe.name)") { frontend in
                        let end = try frontend.end(of: probe.task, on: id, seconds: 5)
                        let code = end.number("task_status.status_code") ?? -1
                        hour.complaints.unless(!probe.isBroken || code != 0, "\(year), \(probe.name) ended with OK")
                        let words = end.list("task_status.error_msgs").compactMap(\.text).joined()
                        hour.complaints.unless(
                            code == 0 || !words.isEmpty, "\(year), \(probe.name) ended with \(code) and no words")
                    }
                }
                hour.step("the new half is dropped") { frontend in try frontend.dropTablet(shadow) }
                try hour.expectPeace(afterReports: 3)
            }
        }
    }
}
