import ClusterTestKit
import MetadataTestKit
import Platform
import Testing

@testable import ClusterMetadata

/// `VERSION` and `ROLE`: both or none, and of this cluster.
@Suite struct ClusterIdentityTests {
    /// Wherever a first start is broken off, the next one ends it, and what came up is who the cluster stays.
    @Test(arguments: [false, true], [false, true])
    func aCrashAtAnyOperationOfAFirstStartLeavesBothOrNone(isAfter: Bool, isSeeded: Bool) throws {
        for k in 0... {
            let machine = MetadataMachine(isAfter ? .crashAfter(k) : .crashBefore(k))
            var known: ClusterIdentity?
            do {
                known = try machine.open(seed: 1).identity
            } catch {
                #expect(machine.plan.hasCrashed, "operation \(k) gave \(error)")
            }
            let isTouched = machine.plan.wasTouched
            let place = machine.plan.touchedOperation
            machine.crash(isSeeded ? .seeded(UInt64(k)) : .everything)
            let store = try machine.open(seed: 2)
            if let known { #expect(store.identity == known, "\(String(describing: place))") }
            _ = try store.beginEpoch()
            machine.crash()
            #expect(try machine.open(seed: 3).identity == store.identity, "\(String(describing: place))")
            let names = try machine.machine.fileSystem.list("/meta/image")
            #expect(names == ["ROLE", "VERSION"], "\(String(describing: place))")
            if !isTouched { break }
        }
    }

    /// A file that was lost, or one that was put there: which cluster this is nobody can say.
    @Test(arguments: [("VERSION", "ROLE"), ("ROLE", "VERSION")])
    func oneOfBothAloneIsRefusedBeforeThereAreMetadata(lost: String, left: String) throws {
        let machine = MetadataMachine()
        _ = try machine.open()
        try machine.machine.fileSystem.remove("/meta/image/" + lost)
        let error = #expect(throws: MetadataError.self) { try machine.open() }
        let text = "\(try #require(error))"
        #expect(text.contains("/meta/image/\(lost)") && text.contains("/meta/image/\(left) is there: both or none"))
        #expect(try machine.machine.fileSystem.list("/meta/image") == [left])
        // As it says.
        try machine.machine.fileSystem.remove("/meta/image/" + left)
        _ = try machine.open()
        #expect(try machine.machine.fileSystem.list("/meta/image") == ["ROLE", "VERSION"])
    }

    @Test(arguments: [
        "", "token=t\n", "clusterId=\ntoken=t\n", "clusterId=0\ntoken=t\n", "clusterId=x\ntoken=t\n", "clusterId=5\n",
    ])
    func whatVERSIONDoesNotSayIsNamed(text: String) throws {
        let machine = MetadataMachine()
        _ = try machine.open().beginEpoch()
        machine.crash()
        try machine.machine.fileSystem.replaceFile("/meta/image/VERSION", with: Array(text.utf8))
        let error = #expect(throws: MetadataError.self) { try machine.open() }
        #expect("\(try #require(error))".hasPrefix("/meta/image/VERSION: "))
    }

    /// An image that was copied from elsewhere is not this cluster's, and is not taken for a bad one either.
    @Test func anImageOfAnotherClusterStopsTheStart() throws {
        let machine = MetadataMachine()
        let store = try machine.open(clusterID: 5)
        _ = try store.beginEpoch()
        let images = ImageStore(files: machine.machine.fileSystem, folder: "/meta/image")
        _ = try images.write(ImageWriter(state: store.snapshot(), logID: store.lastLogID, clusterID: 6))
        machine.crash()
        let error = #expect(throws: MetadataError.self) { try machine.open() }
        #expect("\(try #require(error))".contains("it is of cluster 6, VERSION says 5"))
        #expect(try images.logIDs() == [store.lastLogID])
    }
}
