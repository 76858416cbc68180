import ByteText
import Testing

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("a-b._~9Z", "a-b._~9Z"), ("a b+c", "a%20b%2Bc"), ("a/b", "a%2Fb"), ("ü", "%C3%BC"),
        ("=&?#%", "%3D%26%3F%23%25"),
        ("", ""),
    ])
    func everythingButUnreservedIsEncoded(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test func addressesStayReadableInSegments() {
        #expect(PercentEncoding.encodeSegment("be1:9050") == "be1:9050")
        #expect(PercentEncoding.encodeSegment("a/b c") == "a%2Fb%20c")
    }

    @Test(arguments: ["a b", "50%", "a+b", "a%2Fb", "ü/:?#[]", ""]) func aSegmentComesBackAsItWas(text: String) {
        #expect(PercentEncoding.decodeSegment(PercentEncoding.encodeSegment(text)) == text)
        #expect(PercentEncoding.decodeSegment(PercentEncoding.encode(text)) == text)
    }

    @Test func slashesStayInKeys() { #expect(PercentEncoding.encodePath("a/b c") == "a/b%20c") }

    @Test func formEncodingIsDecoded() { #expect(PercentEncoding.decode("a+b%2bc") == "a b+c") }

    @Test(arguments: ["%", "%4", "%zz", "%ff"]) func brokenEncodingIsRefused(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
        #expect(PercentEncoding.decodeSegment(text) == nil)
    }
}
