import Foundation
import FoundationXML
import HTTPAPI
import Testing

@testable import tabletctl

@Suite struct GraphSVGTests {
    private func draw(_ picture: TabletPicture) -> String { GraphSVG(nowMs: 70_000).draw(picture) }

    @Test func thePictureIsWellFormedAndStandsAlone() {
        let svg = draw(
            picture(
                visible: 6,
                [graph([(0, 1), (2, 2), (5, 6)], remote: 1, stale: [[(0, 1)], [(0, 2)]], staleAtMs: 60_000), nil]))
        let elements = Elements(svg)
        #expect(elements.error == nil)
        #expect(elements.names.first == "svg")
        #expect(!elements.names.contains("script") && !elements.names.contains("image"))
        #expect(!svg.contains("href"))
    }

    @Test func everyRowsetGapAndStalePathTellsAboutItself() {
        let svg = draw(
            picture(
                visible: 6, [graph([(0, 1), (2, 2), (5, 6)], remote: 1, stale: [[(0, 1)]], staleAtMs: 60_000)]))
        let titles = Elements(svg).titles
        #expect(titles.contains("rowset 020, versions 0-1, 20 rows, 1.0 KiB, in the object store"))
        #expect(titles.contains("rowset 022, versions 2, 10 rows, 1.0 KiB, local"))
        #expect(titles.contains("versions 3-4 are missing on backend 1"))
        #expect(titles.contains("stale path 1, since 10s: rowset 020, versions 0-1, 20 rows, 1.0 KiB, local"))
        #expect(titles.count == 5)
    }

    @Test func aLongHistoryKeepsEachRowset() {
        let ranges = (0..<2000).filter { $0 != 1234 }.map { (Int64($0), Int64($0)) }
        let elements = Elements(draw(picture(visible: 1999, [graph(ranges)])))
        #expect(elements.error == nil)
        #expect(elements.titles.count == 2000)
        #expect(elements.titles.contains("version 1234 is missing on backend 1"))
    }

    @Test func whatBackendsSayIsEscaped() {
        let svg = draw(picture(visible: 1, [nil]))
        #expect(svg.contains("refused &lt;by&gt; &amp; &quot;it&quot;"))
        #expect(escaped("a\u{0}b\u{1B}[c\n") == "a\u{FFFD}b\u{FFFD}[c\n")
    }
}

/// The elements of an XML text.
private final class Elements: NSObject, XMLParserDelegate {
    private(set) var names: [String] = []
    private(set) var titles: [String] = []
    private(set) var error: (any Error)?
    private var title: String?

    init(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        if !parser.parse() { error = parser.parserError ?? CLIError.failed("the text ended early") }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        names.append(name)
        title = name == "title" ? "" : nil
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { title? += text }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if let title { titles.append(title) }
        title = nil
    }
}
