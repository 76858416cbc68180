import ClusterTestKit
import Foundation
import PlatformContracts
import Testing

struct DispatchGatesTests {
    @Test(arguments: GateContract.allCases)
    func keepsTheContract(_ contract: GateContract) throws {
        try contract.check(
            DispatchGates(), spawn: { Thread.detachNewThread($0) },
            holds: { condition in
                let end = ContinuousClock.now + .seconds(10)
                while !condition(), ContinuousClock.now < end { usleep(1000) }
                return condition()
            })
    }
}
