import HTTPAPI
import TabletModel
import Testing

@testable import tabletctl

@Suite struct RenderingTests {
    @Test func columnsAreAlignedAndTrailingBlanksCut() {
        var table = TextTable(["name", ">rows", "note"])
        table.add(["a", "5", ""])
        table.add(["longer", "12345", "x"])
        #expect(
            table.render(empty: "none") == """
                name     rows  note
                a           5
                longer  12345  x

                """)
    }

    @Test func anEmptyTableSaysSo() {
        #expect(TextTable(["a"]).render(empty: "no tables") == "no tables\n")
    }

    @Test(arguments: [
        (Int64(0), "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (Int64(5) << 30, "5.0 GiB"), (.max, "8192.0 PiB"),
    ])
    func bytesAreShownInTheLargestUnit(bytes: Int64, text: String) {
        #expect(formatBytes(bytes) == text)
    }

    @Test(arguments: [(0.4, "0s"), (75, "1m15s"), (7325, "2h02m"), (-3, "0s")])
    func secondsAreShownForPeople(seconds: Double, text: String) {
        #expect(formatSeconds(seconds) == text)
    }

    @Test func aTimeThatNeverWasIsNever() {
        #expect(formatAge(0) == "never")
        #expect(formatTime(0) == "-")
    }

    @Test func theBarShowsShareAndTimeLeft() {
        let half = ProgressBar.line("load", 50, 100, elapsed: 10, note: "x")
        #expect(half.contains(" 50%") && half.contains("ETA 10s") && half.hasSuffix("  x"))
        #expect(ProgressBar.line("load", 0, 0, elapsed: 1, note: "").contains(" 0%"))
        #expect(ProgressBar.line("load", 7, 5, elapsed: 1, note: "").contains("100%"))
    }
}

@Suite struct ArgumentTests {
    @Test func aBackendIsHostAndPort() {
        #expect(BackendArgument(argument: "10.0.0.2:9050")?.address.port == 9050)
        for wrong in ["", ":9050", "host", "host:", "host:0", "host:65536", "host:x"] {
            #expect(BackendArgument(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func aTableMayNameItsDatabase() {
        #expect(TableArgument(argument: "flights")?.name.database == "default")
        #expect(TableArgument(argument: "air.flights")?.path == "/api/tables/air/flights")
        #expect(TableArgument(argument: "a.b.c") == nil)
        #expect(TableArgument(argument: "") == nil)
    }

    @Test func pathSegmentsAreEncoded() { #expect(pathSegment("a/b c") == "a%2Fb%20c") }
}
