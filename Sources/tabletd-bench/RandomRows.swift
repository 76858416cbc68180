internal import Platform

/// Lines of random letters, the same mebibyte again and again: nothing here compresses.
struct RandomRows: HTTPFetcher {
    let bytes: Int
    private let block: [UInt8]

    init(bytes: Int) {
        self.bytes = bytes
        var generator = SystemRandomNumberGenerator()
        block = (0..<(1 << 20)).map {
            $0 % 1024 == 1023 ? UInt8(ascii: "\n") : UInt8.random(in: 97...122, using: &generator)
        }
    }

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        for start in stride(from: 0, to: bytes, by: block.count) {
            try block.withUnsafeBytes {
                try body(UnsafeRawBufferPointer(rebasing: $0[..<min(block.count, bytes - start)]))
            }
        }
    }
}
