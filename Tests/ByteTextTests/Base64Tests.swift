import ByteText
import Testing

@Suite struct Base64Tests {
    private func decoded(_ text: String) -> [UInt8]? { Array(text.utf8).withUnsafeBytes { Base64.decode($0) } }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theWordsOfTheStandard(plain: String, encoded: String) {
        #expect(Base64.text(Array(plain.utf8)) == encoded)
        #expect(decoded(encoded) == Array(plain.utf8))
    }

    @Test func allBytesAtAllPlacesComeBack() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count &* 7) }
            var text: [UInt8] = [UInt8(ascii: ">")]
            Base64.append(bytes, to: &text)
            #expect(text.first == UInt8(ascii: ">"))
            #expect(decoded(String(decoding: text.dropFirst(), as: UTF8.self)) == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg=", "Zg", "Zm9vYg=", "Z===", "Zm9v Zm9", "Zm-v", "Zm9v====", "=m9v", "Zm=v"])
    func whatIsNoTextOfBytesIsRefused(text: String) { #expect(decoded(text) == nil) }
}
