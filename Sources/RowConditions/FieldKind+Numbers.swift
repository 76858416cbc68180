extension FieldKind {
    static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        switch bytes.count {
        case 1: bytes[0] == UInt8(ascii: "1") ? true : bytes[0] == UInt8(ascii: "0") ? false : nil
        case 4: isWord(bytes, "true") ? true : nil
        case 5: isWord(bytes, "false") ? false : nil
        default: nil
        }
    }

    private static func isWord(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        let letters = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        return zip(bytes, letters).allSatisfy { $0 | 0x20 == $1 }
    }

    /// Of at most eight digits, with a minus or without a sign: all at once, since a loop that ends sooner for one row than for
    /// the next is what costs most of such a number.
    @inline(__always)
    static func usualInteger(_ field: RowField) -> Int64? {
        let bytes = field.bytes
        let isNegative = bytes[0] == UInt8(ascii: "-")
        let count = isNegative ? bytes.count &- 1 : bytes.count
        guard 1...8 ~= count, let word = field.lastEight else { return nil }
        // What lies before the first digit counts as zeros.
        let digits = (word ^ 0x3030_3030_3030_3030) & (~0 &<< UInt64(64 &- 8 &* count))
        let isOther = ((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
        guard isOther == 0 else { return nil }
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
        let value = Int64(truncatingIfNeeded: (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF)
        return isNegative ? 0 &- value : value
    }

    /// Of at most 128 bits, with any sign or none.
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int128? {
        let (isNegative, start) = sign(bytes)
        guard start < bytes.count else { return nil }
        var value: Int128 = 0
        for place in start..<bytes.count {
            guard let digit = digit(bytes[place]) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) =
                isNegative
                ? tens.subtractingReportingOverflow(Int128(digit)) : tens.addingReportingOverflow(Int128(digit))
            if overflow || carry { return nil }
            value = next
        }
        return value
    }

    // MARK: Floating point

    /// Finite, in decimal; not a number, infinity and hexadecimal digits are none.
    static func real(_ bytes: UnsafeRawBufferPointer, isSingle: Bool) -> Double? {
        guard let value = double(bytes), value.isFinite else { return nil }
        guard isSingle else { return value }
        let single = Float(value)
        return single.isFinite ? Double(single) : nil
    }

    private static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        let (isNegative, start) = sign(bytes)
        var place = start
        var digits: UInt64 = 0
        var (count, scale, isExact) = (0, 0, true)
        var isBehindPoint = false
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "."), !isBehindPoint {
                isBehindPoint = true
            } else if let digit = digit(bytes[place]) {
                count += 1
                if digits < 100_000_000_000_000 {
                    digits = digits * 10 + UInt64(digit)
                    if isBehindPoint { scale -= 1 }
                } else {
                    isExact = false
                }
            } else {
                break
            }
            place += 1
        }
        guard count > 0 else { return nil }
        if place < bytes.count {
            guard bytes[place] | 0x20 == UInt8(ascii: "e") else { return nil }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(place + 1)...])
            let (isBelowOne, first) = sign(rest)
            guard first < rest.count, rest.count - first <= 4, let power = small(rest, first..<rest.count) else {
                return nil
            }
            scale += Int(isBelowOne ? -power : power)
        }
        // Up to 2^53 and 10^22 both are exact, so that the one operation rounds as it should.
        if isExact, abs(scale) <= 22 {
            let value = scale < 0 ? Double(digits) / powersOfTen[-scale] : Double(digits) * powersOfTen[scale]
            return isNegative ? -value : value
        }
        return Double(String(decoding: bytes, as: UTF8.self))
    }

    private static let powersOfTen: [Double] = (0...22).map { power in
        (0..<power).reduce(1.0) { value, _ in value * 10 }
    }

    /// Grows with the value; of both zeros the same.
    static func place(of value: Double) -> Int64 {
        let bits = Int64(bitPattern: value == 0 ? 0 : value.bitPattern)
        return bits < 0 ? Int64.min - bits : bits
    }

    // MARK: Decimals

    private static let decimalDigits = 38

    /// The largest integer that is not above it, and what it is more than that.
    static func decimal(_ bytes: UnsafeRawBufferPointer) -> FieldKey? {
        let (isNegative, start) = sign(bytes)
        var place = start
        var (whole, fraction): (UInt128, UInt128) = (0, 0)
        var (wholeDigits, fractionDigits, count) = (0, 0, 0)
        while place < bytes.count, let digit = digit(bytes[place]) {
            if wholeDigits > 0 || digit > 0 { wholeDigits += 1 }
            guard wholeDigits <= decimalDigits else { return nil }
            whole = whole * 10 + UInt128(digit)
            count += 1
            place += 1
        }
        if place < bytes.count {
            guard bytes[place] == UInt8(ascii: ".") else { return nil }
            place += 1
            while place < bytes.count, let digit = digit(bytes[place]) {
                if fractionDigits < decimalDigits {
                    fraction = fraction * 10 + UInt128(digit)
                    fractionDigits += 1
                } else if digit > 0 {
                    return nil
                }
                count += 1
                place += 1
            }
        }
        guard count > 0, place == bytes.count else { return nil }
        fraction *= scales[decimalDigits - fractionDigits]
        guard isNegative else { return FieldKey(Int128(whole), fraction) }
        return fraction == 0
            ? FieldKey(-Int128(whole)) : FieldKey(-Int128(whole) - 1, scales[decimalDigits] - fraction)
    }

    private static let scales: [UInt128] = (0...decimalDigits).map { power in
        (0..<power).reduce(1 as UInt128) { value, _ in value * 10 }
    }

    // MARK: Digits

    private static func sign(_ bytes: UnsafeRawBufferPointer) -> (isNegative: Bool, start: Int) {
        guard let first = bytes.first else { return (false, 0) }
        return (first == UInt8(ascii: "-"), first == UInt8(ascii: "-") || first == UInt8(ascii: "+") ? 1 : 0)
    }

    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt8? {
        let digit = byte &- UInt8(ascii: "0")
        return digit <= 9 ? digit : nil
    }

    /// At most 18 digits and nothing else.
    static func small(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for place in range {
            guard let digit = digit(bytes[place]) else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }
}
