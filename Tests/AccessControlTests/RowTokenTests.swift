import AccessControl
import TabletModel
import Testing

struct RowTokenTests {
    private let end = UnixTime(milliseconds: 1_700_000_000_000)
    private let token = RowToken.make(
        tablet: 10, version: 3, until: UnixTime(milliseconds: 1_700_000_000_000), secret: "s")

    @Test func isGoodForItsTabletAndVersionUntilItsEnd() {
        #expect(RowToken.refusal(token, tablet: 10, version: 3, now: end, secret: "s") == nil)
        #expect(RowToken.refusal(token, tablet: 11, version: 3, now: end, secret: "s") != nil)
        #expect(RowToken.refusal(token, tablet: 10, version: 4, now: end, secret: "s") != nil)
        #expect(RowToken.refusal(token, tablet: 10, version: nil, now: end, secret: "s") != nil)
        #expect(RowToken.refusal(token, tablet: 10, version: 3, now: end, secret: "t") != nil)
    }

    @Test func aReplayedOneIsRefusedAfterItsEnd() {
        let later = UnixTime(milliseconds: end.milliseconds + 1000)
        #expect(RowToken.refusal(token, tablet: 10, version: 3, now: later, secret: "s")?.contains("ended") == true)
    }

    @Test func nobodyMovesItsEnd() throws {
        let signature = try #require(token.split(separator: ".").last)
        for text in ["1700000001.\(signature)", "", ".", "x.\(signature)", "1700000000.", "1700000000.zz", token + "."]
        {
            #expect(RowToken.refusal(text, tablet: 10, version: 3, now: end, secret: "s") != nil)
        }
    }
}
