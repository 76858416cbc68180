import Foundation
import PlatformContracts
import Testing

@testable import ThreadRuntime

struct ThreadGatesTests {
    @Test(arguments: GateContract.allCases)
    func keepsTheContract(_ contract: GateContract) throws {
        try contract.check(ThreadGates(), spawn: { Thread.detachNewThread($0) }, holds: { waitUntil($0) })
    }
}
