import TabletModel
import Testing

@Suite struct CivilDateTests {
    @Test func everyDayOfEightCenturiesIsFoundAgain() {
        var previous = CivilDate(daysSince1970: -146_097)
        for day in Int64(-146_096)...146_097 {
            let date = CivilDate(daysSince1970: day)
            if date.year >= 0 { #expect(date.daysSince1970 == day) }
            // The next day, the first of the next month, or the first of January.
            let follows =
                date.year == previous.year && date.month == previous.month && date.day == previous.day + 1
                || date.year == previous.year && date.month == previous.month + 1 && date.day == 1
                || date.year == previous.year + 1 && date.month == 1 && date.day == 1 && previous.month == 12
            #expect(follows, "\(previous) \(date)")
            previous = date
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (1_795_949_834, "2026-11-29T10:57:14Z"),
    ])
    func timesAreWrittenInUTC(seconds: Int64, text: String) {
        #expect(UnixTime(seconds: seconds).iso8601 == text)
        #expect(UnixTime(milliseconds: seconds * 1000 + 999).iso8601 == text)
    }
}
