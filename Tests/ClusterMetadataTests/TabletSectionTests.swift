import StoredFormats
import SwiftProtobuf
import TabletModel
import Testing

@testable import ClusterMetadata

/// An image's sections of tablets are protobuf as protobuf's own encoder would write it.
@Suite struct TabletSectionTests {
    private func message(_ tablets: TabletIndex, from first: Int, count: Int) -> EditLogImageTablets {
        var section = EditLogImageTablets()
        var place = 0
        tablets.forEach { tablet, replicas in
            defer { place += 1 }
            guard place >= first, place < first + count else { return }
            section.tabletID.append(tablet.id.rawValue)
            section.tableID.append(tablet.tableID.rawValue)
            section.partitionID.append(tablet.partitionID.rawValue)
            section.indexID.append(tablet.indexID.rawValue)
            section.cooldownReplicaID.append(tablet.cooldownReplicaID.rawValue)
            section.cooldownTerm.append(tablet.cooldownTerm)
            section.replicaCount.append(UInt32(replicas.count))
            for replica in replicas {
                section.replicaID.append(replica.id.rawValue)
                section.replicaBackendID.append(replica.backendID.rawValue)
                section.replicaVersion.append(replica.versions.version.rawValue)
                section.replicaLastFailedVersion.append(replica.versions.lastFailed.rawValue)
                section.replicaLastSuccessVersion.append(replica.versions.lastSuccess.rawValue)
                section.replicaFlags.append(UInt32(replica.state.rawValue) << 4 | (replica.isBad ? 1 : 0))
            }
        }
        return section
    }

    @Test(arguments: UInt64(1)...20)
    func itsBytesAreThoseOfTheMessage(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        _ = generator.entries(400)
        let tablets = generator.state.tablets
        var section = TabletSection()
        var first = 0
        // A few rows at a time, across the bounds of chunks.
        for chunk in tablets.chunks {
            var row = 0
            while row < chunk.tabletCount {
                let end = min(chunk.tabletCount, row + 7 - section.tablets)
                section.append(row..<end, of: chunk)
                row = end
                guard section.tablets == 7 else { continue }
                let bytes: [UInt8] = try message(tablets, from: first, count: 7).serializedBytes()
                #expect(section.take() == bytes)
                first += 7
            }
        }
        let rest: [UInt8] = try message(tablets, from: first, count: 7).serializedBytes()
        #expect(section.take() == rest)
    }
}
