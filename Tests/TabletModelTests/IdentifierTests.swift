import TabletModel
import Testing

@Suite struct IdentifierTests {
    @Test func rowsetIDTextIsFortyEightHexDigitsAndComesBack() throws {
        let id = RowsetID(randomHigh: .max, middle: 0, low: 0xABC)
        #expect(id.description == "02ffffffffffffff" + "0000000000000000" + "0000000000000abc")
        #expect(RowsetID(text: id.description) == id)
    }

    @Test(arguments: ["", "02", String(repeating: "g", count: 48), String(repeating: "A", count: 48)])
    func textThatIsNoRowsetIDIsRefused(text: String) {
        #expect(RowsetID(text: text) == nil)
    }

    @Test func versionRangesCompareByContent() {
        let range = VersionRange(2, 5)
        #expect(range.contains(2) && range.contains(5) && !range.contains(6))
        #expect(range.contains(VersionRange(3, 4)) && !range.contains(VersionRange(4, 6)))
        #expect(range.overlaps(VersionRange(5, 9)) && !range.overlaps(VersionRange(6, 9)))
        #expect(range.count == 4)
        #expect(range.description == "[2-5]")
        #expect(VersionRange(checking: 3, 2) == nil)
        #expect(VersionRange(checking: -1, 2) == nil)
    }

    @Test func enumValuesOfNewerPeersAreKeptAndShown() {
        let future = TaskType(rawValue: 4711)
        #expect(!future.isKnown)
        #expect(future.description == "UNKNOWN(4711)")
        #expect(TaskType(name: "publish_version") == .publishVersion)
        #expect(TaskType(name: "NO_SUCH") == nil)
    }

    @Test func aSecretNeverShowsInADescription() {
        let resource = S3Resource(endpoint: "http://h:1", accessKey: "AK", secretKey: "hush", bucket: "b")
        #expect(!resource.description.contains("hush") && !"\(resource)".contains("hush"))
        #expect(!String(reflecting: resource).contains("hush"))
        let policy = StoragePolicyEntry(name: "p", resource: resource)
        #expect(!"\(policy)".contains("hush"))
    }

    @Test func secondsRoundDownOnBothSidesOfTheEpoch() {
        #expect(UnixTime(milliseconds: 1999).seconds == 1)
        #expect(UnixTime(milliseconds: -1).seconds == -1)
        #expect((UnixTime(seconds: 5) + .milliseconds(250)).milliseconds == 5250)
    }

    @Test func hugeDurationsSaturate() {
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect(MonotonicTime(nanoseconds: .max) + .seconds(1) == MonotonicTime(nanoseconds: .max))
        #expect(MonotonicTime(nanoseconds: .min) - MonotonicTime(nanoseconds: 1) == .nanoseconds(Int64.min))
        #expect(UnixTime(milliseconds: .max) + .seconds(1) == UnixTime(milliseconds: .max))
    }
}
