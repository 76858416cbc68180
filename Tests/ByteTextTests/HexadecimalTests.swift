import ByteText
import Testing

@Suite struct HexadecimalTests {
    @Test func bytesHaveTwoDigitsEach() {
        #expect(Hexadecimal.text([0, 0x0f, 0xa0, 0xff] as [UInt8]) == "000fa0ff")
        #expect(Hexadecimal.text([] as [UInt8]) == "")
    }

    @Test func numbersArePaddedAndNeverCut() {
        #expect(Hexadecimal.text(0xabc) == "0000000000000abc")
        #expect(Hexadecimal.text(UInt64.max) == "ffffffffffffffff")
        #expect(Hexadecimal.text(7 as Int, digits: 4) == "0007")
        #expect(Hexadecimal.text(0x12345 as Int, digits: 4) == "12345")
    }

    @Test func digitsOfBothCasesHaveAValueAndOthersNone() {
        for digit in 0..<UInt8(16) {
            let text = Hexadecimal.text([digit])
            #expect(Hexadecimal.value(text.utf8.last!) == digit)
            #expect(Hexadecimal.value(text.uppercased().utf8.last!) == digit)
        }
        for other in "gG/:@`" { #expect(Hexadecimal.value(other.utf8.first!) == nil) }
    }
}
