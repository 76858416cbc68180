import Checksums
import Testing

@Suite("xxHash64")
struct XXHash64Tests {
    private static let values: [(String, UInt64, UInt64)] = [
        ("", 0, 0xEF46_DB37_51D8_E999),
        ("a", 0, 0xD24E_C4F1_A98C_6E5B),
        ("abc", 0, 0x44BC_2CF5_AD77_0999),
        ("xxhash", 0, 0x32DD_3895_2C4B_C720),
        ("xxhash", 20_141_025, 0xB559_B98D_844E_0635),
        ("Call me Ishmael. Some years ago--never mind how long precisely-", 0, 0x02A2_E854_70D6_FD96),
    ]

    @Test("known values", arguments: values)
    func known(text: String, seed: UInt64, expected: UInt64) {
        #expect(XXHash64.hash(Array(text.utf8), seed: seed) == expected)
    }
}
