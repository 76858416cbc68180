import ByteText
import Testing

@Suite struct LineSplitterTests {
    private func split(_ pieces: [String]) -> [String] {
        var lines: [String] = []
        var splitter = LineSplitter()
        for piece in pieces {
            Array(piece.utf8).withUnsafeBytes { bytes in
                splitter.add(bytes) { lines.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        splitter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    @Test func linesComeWholeHoweverThePiecesAreCut() {
        let text = "alpha\nbeta\n\ngamma"
        for cut in 0...text.count {
            let middle = text.index(text.startIndex, offsetBy: cut)
            #expect(split([String(text[..<middle]), String(text[middle...])]) == ["alpha", "beta", "", "gamma"])
        }
    }

    @Test func noBytesAreNoLines() { #expect(split([]) == [] && split([""]) == []) }

    @Test func linesAreCutWhereverThePiecesEnd() {
        let text = "first\n\nthird line is longer than eight\n\r\nlast without end"
        let expected = ["first", "", "third line is longer than eight", "\r", "last without end"]
        for pieceBytes in 1...20 {
            var splitter = LineSplitter()
            var lines: [String] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                Array(bytes[start..<min(start + pieceBytes, bytes.count)]).withUnsafeBytes { piece in
                    splitter.add(piece) { lines.append(String(decoding: $0, as: UTF8.self)) }
                }
            }
            splitter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
            #expect(lines == expected)
        }
    }
}
