import ClusterTestKit
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import ClusterMetadata

@Suite("The turns of groups on their way") final class FlightTests: Sendable {
    private let flight = Flight(DispatchGates())
    private let steps = Mutex<[String]>([])

    private func note(_ step: String) { steps.withLock { $0.append(step) } }

    @Test func theNextIsWrittenWhileOneLands() {
        let (second, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let first = flight.takeOff()
        Thread.detachNewThread { [self] in
            let passage = flight.takeOff()
            second.signal()
            flight.land(passage, nextMayFly: true) { note("second") }
            done.signal()
        }
        flight.land(first, nextMayFly: true) {
            // For ever, if the turn to write were kept.
            second.wait()
            note("first")
        }
        done.wait()
        #expect(steps.withLock { $0 } == ["first", "second"])
    }

    @Test func nobodyTakesOffBesideOneThatFailed() {
        let done = DispatchSemaphore(value: 0)
        let first = flight.takeOff()
        Thread.detachNewThread { [self] in
            let passage = flight.takeOff()
            note("second takes off")
            flight.land(passage, nextMayFly: true) {}
            done.signal()
        }
        flight.land(first, nextMayFly: false) {
            for _ in 0..<1000 { sched_yield() }
            note("first has failed")
        }
        done.wait()
        #expect(steps.withLock { $0 } == ["first has failed", "second takes off"])
    }

    @Test func twoAreOnTheirWayAndAThirdWaitsForTheFirst() {
        let (thirdHasTakenOff, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        var first = flight.takeOff()
        flight.handOn(&first)
        var second = flight.takeOff()
        flight.handOn(&second)
        Thread.detachNewThread { [self] in
            let third = flight.takeOff()
            note("third takes off")
            thirdHasTakenOff.signal()
            flight.land(third, nextMayFly: true) { note("third lands") }
            done.signal()
        }
        flight.land(first, nextMayFly: true) {
            for _ in 0..<1000 { sched_yield() }
            note("first lands")
        }
        thirdHasTakenOff.wait()
        flight.land(second, nextMayFly: true) { note("second lands") }
        done.wait()
        #expect(steps.withLock { $0 } == ["first lands", "third takes off", "second lands", "third lands"])
    }

    /// Each lands in the order in which it took off, however many there are.
    @Test func nobodyOvertakes() {
        let takenOff = Mutex<[Int]>([])
        let landed = Mutex<[Int]>([])
        let flight = flight
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for round in 0..<200 {
                var passage = flight.takeOff()
                takenOff.withLock { $0.append(writer * 1000 + round) }
                // Some let the next one take off before they have anything to land.
                if round % 3 == 0 { flight.handOn(&passage) }
                flight.land(passage, nextMayFly: round % 7 != 0) {
                    landed.withLock { $0.append(writer * 1000 + round) }
                }
            }
        }
        #expect(takenOff.withLock { $0 } == landed.withLock { $0 })
    }
}
