import Testing

@testable import EtcdMetadata

@Suite struct PageSizeTests {
    @Test func smallBatchesComeInLargePages() {
        var page = PageSize()
        for _ in 0..<5 { page.note(keys: page.keys, bytes: 200 * page.keys) }
        #expect(page.keys == 512)
        page.note(keys: 512, bytes: 512 << 20)
        #expect(page.keys == 4)
        page.note(keys: 0, bytes: 0)
        #expect(page.keys == 4)
    }

    /// An answer takes 16 MiB of base64: eight batches of 1 MiB, not eight of the largest.
    @Test func anAnswerThatIsTooLargeIsAskedForInParts() {
        var page = PageSize()
        #expect(page.keys * (1 << 20) * 4 / 3 < 16 << 20)
        var sizes: [Int] = []
        while page.shrink() { sizes.append(page.keys) }
        #expect(sizes == [4, 1])
    }
}
