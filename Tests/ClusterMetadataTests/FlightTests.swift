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
        flight.takeOff()
        Thread.detachNewThread { [self] in
            flight.takeOff()
            second.signal()
            flight.land(nextMayFly: true) { note("second") }
            done.signal()
        }
        flight.land(nextMayFly: true) {
            // For ever, if the turn to write were kept.
            second.wait()
            note("first")
        }
        done.wait()
        #expect(steps.withLock { $0 } == ["first", "second"])
    }

    @Test func nobodyTakesOffBesideOneThatFailed() {
        let done = DispatchSemaphore(value: 0)
        flight.takeOff()
        Thread.detachNewThread { [self] in
            flight.takeOff()
            note("second takes off")
            flight.land(nextMayFly: true) {}
            done.signal()
        }
        flight.land(nextMayFly: false) {
            for _ in 0..<1000 { sched_yield() }
            note("first has failed")
        }
        done.wait()
        #expect(steps.withLock { $0 } == ["first has failed", "second takes off"])
    }

    /// Each lands in the order in which it took off, however many there are.
    @Test func nobodyOvertakes() {
        let takenOff = Mutex<[Int]>([])
        let landed = Mutex<[Int]>([])
        let flight = flight
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for round in 0..<200 {
                flight.takeOff()
                takenOff.withLock { $0.append(writer * 1000 + round) }
                flight.land(nextMayFly: round % 7 != 0) { landed.withLock { $0.append(writer * 1000 + round) } }
            }
        }
        #expect(takenOff.withLock { $0 } == landed.withLock { $0 })
    }
}
