import Platform
import Testing

@testable import CurlHTTP

/// The deciding parts, without a network.
@Suite struct RangeWindowTests {
    private func cut(_ window: inout RangeWindow, pieces: [[UInt8]]) -> [UInt8] {
        var kept: [UInt8] = []
        for piece in pieces {
            piece.withUnsafeBytes {
                kept += window.clip($0)
                window.advance($0)
            }
        }
        return kept
    }

    @Test func theWindowIsCutOutOfAWholeAnswer() {
        var window = RangeWindow(3..<7)
        let began = window.begin(status: 200, contentRange: nil)
        #expect(began == true)
        let kept = cut(&window, pieces: [[0, 1], [2, 3, 4], [5], [6, 7, 8]])
        #expect(kept == [3, 4, 5, 6])
        #expect(window.isComplete)
    }

    @Test func anHonouredRangeIsTakenAsItIs() {
        var window = RangeWindow(3..<7)
        let began = window.begin(status: 206, contentRange: "bytes 3-6/10")
        #expect(began == true)
        let kept = cut(&window, pieces: [[3, 4], [5, 6]])
        #expect(kept == [3, 4, 5, 6])
        #expect(window.isComplete)
    }

    @Test func anotherRangeIsNoticed() {
        var window = RangeWindow(3..<7)
        let began = window.begin(status: 206, contentRange: "bytes 4-7/10")
        #expect(began == false)
        let began2 = window.begin(status: 206, contentRange: "nonsense")
        #expect(began2 == false)
    }

    @Test func aRangeCalled200IsARangeAllTheSame() {
        var window = RangeWindow(3..<7)
        let began = window.begin(status: 200, contentRange: "bytes 3-6/10")
        #expect(began)
        let kept = cut(&window, pieces: [[3, 4, 5, 6]])
        #expect(kept == [3, 4, 5, 6])
    }

    @Test func aShortAnswerIsIncomplete() {
        var window = RangeWindow(3..<7)
        let began = window.begin(status: 200, contentRange: nil)
        #expect(began == true)
        let kept = cut(&window, pieces: [[0, 1, 2, 3, 4]])
        #expect(kept == [3, 4])
        #expect(!window.isComplete)
    }
}

@Suite struct TransferWatchTests {
    private let limits = HTTPTimeouts(stall: .seconds(3), answer: .seconds(10), total: .seconds(60))

    private func seconds(_ count: Int64) -> Int64 { count * 1_000_000_000 }

    @Test func silenceWhileBytesShouldMoveIsAStall() {
        var watch = TransferWatch(timeouts: limits, now: 0)
        let expiry = watch.check(now: seconds(2), movedBytes: 0, awaitsAnswer: false, isHeld: false)
        #expect(expiry == nil)
        let expiry2 = watch.check(now: seconds(4), movedBytes: 0, awaitsAnswer: false, isHeld: false)
        #expect(expiry2 == .stall)
    }

    @Test func anyByteStartsTheClockAnew() {
        var watch = TransferWatch(timeouts: limits, now: 0)
        for second in 1...30 {
            let expiry = watch.check(
                now: seconds(Int64(second) * 2 - 1), movedBytes: Int64(second), awaitsAnswer: false, isHeld: false)
            #expect(expiry == nil)
        }
    }

    @Test func theWaitForTheAnswerHasItsOwnLimit() {
        var watch = TransferWatch(timeouts: limits, now: 0)
        let expiry = watch.check(now: seconds(1), movedBytes: 100, awaitsAnswer: true, isHeld: false)
        #expect(expiry == nil)
        let expiry2 = watch.check(now: seconds(10), movedBytes: 100, awaitsAnswer: true, isHeld: false)
        #expect(expiry2 == nil)
        let expiry3 = watch.check(now: seconds(11), movedBytes: 100, awaitsAnswer: true, isHeld: false)
        #expect(expiry3 == .answer)
    }

    @Test func ourOwnSlownessIsNoStallButCountsForTheTotal() {
        var watch = TransferWatch(timeouts: limits, now: 0)
        let expiry = watch.check(now: seconds(50), movedBytes: 5, awaitsAnswer: false, isHeld: true)
        #expect(expiry == nil)
        let expiry2 = watch.check(now: seconds(52), movedBytes: 5, awaitsAnswer: false, isHeld: false)
        #expect(expiry2 == nil)
        let expiry3 = watch.check(now: seconds(60), movedBytes: 5, awaitsAnswer: false, isHeld: true)
        #expect(expiry3 == .total)
    }

    @Test func zeroMeansNoLimit() {
        var watch = TransferWatch(
            timeouts: HTTPTimeouts(stall: .zero, answer: .zero, total: .zero), now: 0)
        let expiry = watch.check(now: .max / 2, movedBytes: 0, awaitsAnswer: true, isHeld: false)
        #expect(expiry == nil)
    }
}

@Suite struct HTTPTextTests {
    @Test(arguments: [
        ("http://h/p?token=x", "http://h/p"), ("http://u:p@h:1/p#f", "http://h:1/p"), ("http://h/a@b", "http://h/a@b"),
        ("plain", "plain"), ("http://u:p@h", "http://h"),
    ])
    func addressesAreShownWithoutSecrets(url: String, shown: String) {
        #expect(redactedURL(url) == shown)
    }

    @Test func datesAreRead() {
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.seconds("soon") == nil)
    }
}
