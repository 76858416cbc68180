import Testing

@testable import tabletctl

@Suite struct LoadWordTests {
    // found C7: the FE takes 1 to 128 printable ASCII bytes without / and blank.
    @Test(arguments: [
        ("Q3 report.csv", "Q3_report.csv-5"), ("/data/größe.csv", "gr__e.csv-5"), ("-", "stdin-5"),
        ("/dev/fd/63", "63-5"), (String(repeating: "x", count: 300), String(repeating: "x", count: 100) + "-5"),
    ])
    func aMadeLabelObeysTheRule(file: String, label: String) {
        let made = MadeLabel.text(file: file, milliseconds: 5)
        #expect(made == label)
        #expect(made.utf8.count <= 128 && made.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
    }

    // found C8
    @Test(arguments: [
        (
            #"{"state":"ABORTED","message":"no live backend holds tablet 10012"}"#,
            ": no live backend holds tablet 10012"
        ),
        ("<html>\n  502 Bad\tGateway\u{1B}\n</html>", ": <html> 502 Bad Gateway </html>"), ("", ""), (" \r\n", ""),
    ])
    func theReasonOfAnyBodyIsShown(body: String, reason: String) {
        #expect(ServerReason.text(Array(body.utf8)) == reason)
    }
}
