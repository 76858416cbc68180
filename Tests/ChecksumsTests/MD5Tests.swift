import ByteText
import Checksums
import Crypto
import Testing

@Suite("MD5 of one stream")
struct MD5Tests {
    /// Where padding and blocks change.
    private static let edges = [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 191, 192, 1000, 4096, 10_007]

    private func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private func reference(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

    /// Pieces that make the whole, some of them empty.
    private func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + [0, 1, 7, 63, 64, 65, 200, 5000].randomElement()!)
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    @Test(
        "the RFC's own examples",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ])
    func known(text: String, expected: String) {
        var md5 = MD5()
        Array(text.utf8).withUnsafeBytes { md5.update($0) }
        #expect(Hexadecimal.text(md5.digest) == expected)
    }

    @Test("agrees with swift-crypto, at any length and alignment, wherever it is cut")
    func alone() {
        for count in Array(0...260) + Self.edges {
            let bytes = bytes(count)
            var md5 = MD5()
            for piece in pieces(bytes) { piece.withUnsafeBytes { md5.update($0) } }
            #expect(md5.digest == reference(bytes), "\(count) bytes")
        }
    }

    @Test("a digest is of the bytes so far; more may follow")
    func goesOn() {
        let bytes = bytes(300)
        var md5 = MD5()
        for end in stride(from: 0, to: 300, by: 10) {
            #expect(md5.digest == reference(Array(bytes[..<end])))
            bytes[end..<(end + 10)].withUnsafeBytes { md5.update($0) }
        }
        #expect(md5.digest == reference(bytes))
    }
}
