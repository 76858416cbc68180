import HTTPAPI
import Testing

@testable import tabletctl

@Suite struct GraphTextTests {
    private func draw(_ picture: TabletPicture, width: Int = 60, isColoured: Bool = false) -> [String] {
        GraphText(width: width, glyphs: .ascii, isColoured: isColoured, nowMs: 70_000).draw(picture)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func replicasStandOverOneScaleAndGapsShow() {
        let lines = draw(
            picture(
                visible: 6,
                [graph([(0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]), graph([(0, 1), (2, 2), (5, 5), (6, 6)])]))
        #expect(lines[0] == "tablet 10012 of default.flights, visible version 6")
        let whole = lines.first { $0.hasPrefix("backend 1") }!
        let holed = lines.first { $0.hasPrefix("backend 2") }!
        #expect(whole.count == holed.count)
        #expect(!whole.contains("X"))
        // Versions 3 and 4 stand where the whole replica has its third and fourth rowset.
        let gap = holed.indices.filter { holed[$0] == "X" }.map { holed.distance(from: holed.startIndex, to: $0) }
        #expect(gap == Array(gap[0]...gap[0] + gap.count - 1))
        #expect(gap.count >= 2)
        #expect(lines.contains { $0.contains("holds 0-2, 5-6, MISSING 3-4; 4 rowsets") })
        #expect(lines.contains { $0.contains("XX missing") })
    }

    @Test func beingBehindIsAGapToo() {
        let lines = draw(picture(visible: 9, [graph([(0, 5)])]))
        #expect(lines.contains { $0.contains("MISSING 6-9") })
        #expect(lines.first { $0.hasPrefix("backend 1") }!.hasSuffix("X"))
    }

    @Test func beingAheadIsNone() {
        let lines = draw(picture(visible: 4, [graph([(0, 4)]), graph([(0, 4), (5, 5)])]))
        #expect(!lines.contains { $0.contains("MISSING") || $0.contains("X") })
    }

    @Test func compactedRowsetsCarryTheirVersionsAndStalePathsTheirAge() {
        let lines = draw(
            picture(visible: 5, [graph([(0, 5)], stale: [[(0, 1), (2, 3), (4, 5)]], staleAtMs: 60_000)]))
        #expect(lines.first { $0.hasPrefix("backend 1") }!.contains("#0-5#"))
        let stale = lines.first { $0.hasPrefix("  stale ") }!
        #expect(stale.contains("|") && stale.filter { $0 == "+" }.count == 2)
        #expect(lines.contains { $0.contains("stale paths: 0-5 in 3 rowsets since 10s") })
    }

    @Test func coldRowsetsLookDifferent() {
        let lines = draw(picture(visible: 3, [graph([(0, 1), (2, 2), (3, 3)], remote: 2)]))
        let row = lines.first { $0.hasPrefix("backend 1") }!
        #expect(row.contains("o") && row.contains(":") && row.contains("#"))
        #expect(lines.contains { $0.contains("3 rowsets, 2 of them in the object store") })
    }

    @Test func aBackendThatCannotBeAskedSaysWhy() {
        let lines = draw(picture(visible: 3, [nil, graph([(0, 3)])]))
        #expect(lines.contains { $0.hasPrefix("backend 1") && $0.contains("can't be asked: refused") })
    }

    @Test func aGapInAColumnOfManyVersionsIsNotHidden() {
        let ranges = (0..<2000).filter { $0 != 1234 }.map { (Int64($0), Int64($0)) }
        let lines = draw(picture(visible: 1999, [graph(ranges)]), width: 80)
        let row = lines.first { $0.hasPrefix("backend 1") }!
        #expect(row.contains("X") && row.count <= 80)
        #expect(lines.contains { $0.contains("MISSING 1234;") })
        #expect(lines.last { !$0.isEmpty }!.contains("some columns stand for several rowsets"))
    }

    @Test(arguments: [30, 60, 100, 213])
    func rowsFitTheTerminal(width: Int) {
        let ranges = (0..<70).map { (Int64($0), Int64($0)) }
        let lines = draw(picture(visible: 69, [graph(ranges), graph([(0, 69)])]), width: width)
        for line in lines where line.hasPrefix("backend") || line.hasPrefix("versions") {
            #expect(line.count <= width, "\(line)")
        }
    }

    @Test func coloursOnlyWhenAskedFor() {
        let drawn = picture(visible: 6, [graph([(0, 4), (6, 6)])])
        #expect(!draw(drawn).joined().contains("\u{1B}"))
        let coloured = draw(drawn, isColoured: true).joined()
        #expect(coloured.contains("\u{1B}[1;31mX"))
        #expect(
            coloured.split(separator: "\u{1B}[0m", omittingEmptySubsequences: false).count
                == coloured.split(separator: "\u{1B}[", omittingEmptySubsequences: false).count / 2 + 1)
    }

    @Test func rangesThatAreNoneAreLeftOut() {
        var bad = graph([(0, 3)])
        bad.visible.append(edge((9, 5)))
        bad.visible.append(edge((-4, -1)))
        bad.visible.append(edge((7, .max)))
        bad.held += [.init(start: 9, end: 5), .init(start: 7, end: .max)]
        bad.stalePaths = [.init(id: 1, staleAtMs: 0, edges: []), .init(id: 2, staleAtMs: 0, edges: [edge((5, 2))])]
        let shown = picture(visible: 3, [bad]).replicas[0].graph!
        #expect(shown.visible.count == 1 && shown.stalePaths.isEmpty)
        #expect(draw(picture(visible: 3, [bad])).contains { $0.contains("holds 0-3; 1 rowsets") })
    }

    @Test func nothingAtAllIsDrawnAsMissing() {
        let lines = draw(picture(visible: 2, [graph([])]))
        #expect(lines.contains { $0.contains("holds none, MISSING 0-2; 0 rowsets") })
    }
}
