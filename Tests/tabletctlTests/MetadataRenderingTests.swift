import ArgumentParser
import HTTPAPI
import Testing

@testable import tabletctl

@Suite struct MetadataRenderingTests {
    @Test func infoIsAFewLines() {
        let view = MetadataInfoView(
            clusterID: 7, role: "FOLLOWER", nodeName: "fe1_9010",
            images: [.init(logID: 80, sizeBytes: 2048, modifiedMs: nowMilliseconds() - 90_000)],
            corruptImages: ["image.60.corrupt"], firstLogID: 41, lastLogID: 100, epoch: 3, nextIDBatch: 12_001,
            lives: (1...30).map { .init(epoch: $0, life: "ab\($0)", afterLogID: $0 * 2) })
        let text = renderInfo(view)
        #expect(text.contains("cluster 7, FOLLOWER fe1_9010\n"))
        #expect(text.contains("journal: log ids 41 to 100, 60 entries\n"))
        #expect(text.contains("image.80      80  2.0 KiB  1m30s ago\n"))
        #expect(text.contains("set aside: image/image.60.corrupt\n"))
        #expect(text.contains("and 10 starts before") && text.contains("ab30") && !text.contains("ab10 "))
    }

    @Test func aJournalWithoutEntriesIsSaidToBeEmpty() {
        let view = MetadataInfoView(
            clusterID: 7, role: "FOLLOWER", nodeName: "fe", images: [], corruptImages: [], firstLogID: 12,
            lastLogID: 11,
            epoch: 0, nextIDBatch: 10_001, lives: [])
        #expect(renderInfo(view).contains("journal: empty, the last log id was 11\n"))
        #expect(renderInfo(view).contains("no image yet") && renderInfo(view).contains("no start yet"))
    }

    @Test func statsAreTablesWithBytesEach() {
        let view = MetadataStatsView(
            imageLogID: 9, imageBytes: 3000, sections: [.init(kind: "tablets", count: 2, bytes: 2000)],
            objects: [.init(kind: "replicas", count: 100, bytes: 2400)], journalEntries: 4, journalBytes: 100,
            operations: [.init(kind: "op 50 (add backend)", count: 4, bytes: 100)])
        let text = renderStats(view)
        #expect(text.contains("image.9, 2.9 KiB\n"))
        #expect(text.contains("replicas    100  2.3 KiB    24\n"))
        #expect(
            text.contains("journal, 4 entries, 100 B\n") && text.contains("op 50 (add backend)      4  100 B    25\n"))
    }

    @Test func findingsNameTheirPlace() {
        let view = MetadataVerdictView(
            images: 2, entries: 7, lastLogID: 90, problemCount: 1003,
            problems: [
                .init(place: "image/image.80", offset: 1234, text: "torn"),
                .init(place: "journal", logID: 81, text: "missing"),
                .init(place: "state", logID: 90, text: "tablet 5: its table is not there"),
            ], notes: ["image/image.60.corrupt was set aside at a start"])
        #expect(
            renderVerdict(view) == """
                image/image.80 at byte 1234: torn
                journal entry 81: missing
                state at log id 90: tablet 5: its table is not there
                and 1000 more
                note: image/image.60.corrupt was set aside at a start
                2 images, 7 entries up to log id 90, 0 tables, 0 tablets, 0 replicas

                """)
        #expect(renderVerdict(MetadataVerdictView(images: 1)).hasPrefix("well: 1 images"))
    }

    @Test(arguments: [
        ["meta", "verify"], ["meta", "dump"], ["meta", "skip", "3"], ["meta", "truncate-after", "3"],
        ["meta", "skip", "3", "--yes-i-lose-it"], ["meta", "truncate-after", "3", "--yes-i-lose-what-follows"],
    ])
    func whatNeedsAFolderOrAWordOfThePersonIsWrongUsageWithout(_ arguments: [String]) throws {
        var command = try Tabletctl.parseAsRoot(arguments)
        let error = #expect(throws: CLIError.self) { try command.run() }
        #expect(try #require(error).exitCode == 2)
        let text = try #require(error).message
        #expect(text.contains("--meta-dir") || text.contains("--yes-i-lose"))
    }

    @Test func aFolderThatIsNotThereIsNotFound() throws {
        var command = try Tabletctl.parseAsRoot(["meta", "verify", "--meta-dir", "/nowhere/at/all"])
        let error = #expect(throws: CLIError.self) { try command.run() }
        #expect(try #require(error).exitCode == 4)
    }
}
