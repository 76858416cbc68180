import ClusterTestKit
import Platform
import StoredFormats
import SwiftProtobuf
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct UpdatesPayloadTests {
    private func updates(_ random: SeededRandom) -> [ReplicaUpdate] {
        (0..<random.next(below: 5)).map { _ in
            func number() -> Int64 { Int64(bitPattern: random.next()) >> Int64(random.next(below: 64)) }
            return ReplicaUpdate(
                key: ReplicaKey(tabletID: TabletID(number()), backendID: BackendID(number())),
                versions: ReplicaVersions(
                    version: Version(number()), lastFailed: Version(number()), lastSuccess: Version(number())),
                isBad: random.oneIn(2), state: random.oneIn(3) ? .decommission : nil)
        }
    }

    @Test(arguments: UInt64(1)...50)
    func itsBytesAreThoseOfTheMessage(seed: UInt64) throws {
        let updates = updates(SeededRandom(seed: seed))
        let bytes: [UInt8] = try EditLogUpdateReplicasEntry(updates).serializedBytes()
        #expect(UpdatesPayload.encode(updates) == bytes)
        #expect(bytes.withUnsafeBytes { UpdatesPayload.decode($0) } == updates)
    }

    /// What it reads, protobuf's parser reads too, and the same.
    @Test(arguments: UInt64(1)...50)
    func whatIsOddIsLeftToTheParser(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let bytes = UpdatesPayload.encode(updates(random))
        for _ in 0..<200 {
            var damaged = bytes
            if !damaged.isEmpty, random.oneIn(2) { damaged.removeLast(Int(random.next(below: UInt64(damaged.count)))) }
            for _ in 0..<random.next(below: 3) where !damaged.isEmpty {
                damaged[Int(random.next(below: UInt64(damaged.count)))] = UInt8(random.next(below: 256))
            }
            guard let read = damaged.withUnsafeBytes({ UpdatesPayload.decode($0) }) else { continue }
            #expect(try EditLogUpdateReplicasEntry(serializedBytes: damaged).updates == read)
        }
    }
}
