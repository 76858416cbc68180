extension FieldKind {
    /// `2013-01-31`, `2013/1/31` or `20130131`, alone or followed by a blank or a `T` and `8:05`, `08:05:59` or
    /// `08:05:59.123456`; or `20130131080559`. The day and the time must exist. A time zone is not understood. A date may have
    /// a time that is midnight.
    ///
    /// - Returns: a number that grows with the moment.
    static func moment(_ bytes: UnsafeRawBufferPointer, isDate: Bool) -> Int64? {
        var moment = Moment()
        guard moment.read(bytes), moment.exists else { return nil }
        if isDate, moment.timeOfDay != 0 { return nil }
        return ((moment.year * 13 + moment.month) * 32 + moment.day) * 86_400_000_000 + moment.timeOfDay
    }

    /// The same of `2013-01-28 08:05:59`, which is how nearly all are written; nil for one that is written otherwise, or of a
    /// day that not every month has.
    @inline(__always)
    static func usualMoment(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        // The shapes, from the right: 0000-00-, 00 00:00 and 00:00:00.
        guard bytes.count == 19, let date = pairs(bytes, at: 0, 0x2D30_302D_3030_3030, 0x7F76_767F_7676_7676),
            let days = pairs(bytes, at: 8, 0x3030_3A30_3020_3030, 0x7676_7F76_767F_7676),
            let time = pairs(bytes, at: 11, 0x3030_3A30_303A_3030, 0x7676_7F76_767F_7676)
        else { return nil }
        let (year, month, day) = ((date & 0xFF) &* 100 &+ date >> 16 & 0xFF, date >> 40 & 0xFF, days & 0xFF)
        let (hour, minute, second) = (time & 0xFF, time >> 24 & 0xFF, time >> 48 & 0xFF)
        guard month &- 1 < 12, day &- 1 < (month == 2 ? 28 : 30), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let timeOfDay = ((hour &* 60 &+ minute) &* 60 &+ second) &* 1_000_000
        return Int64(truncatingIfNeeded: ((year &* 13 &+ month) &* 32 &+ day) &* 86_400_000_000 &+ timeOfDay)
    }

    /// Eight bytes at `place` that are digits and marks as in `shape`: byte n of the result is what digits n and n + 1 make
    /// together. `slack` is what each byte may still grow by, once the shape is taken off, before its high bit comes up.
    @inline(__always)
    private static func pairs(
        _ bytes: UnsafeRawBufferPointer, at place: Int, _ shape: UInt64, _ slack: UInt64
    ) -> UInt64? {
        let digits = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ shape
        let isOther = ((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ slack | digits) & 0x8080_8080_8080_8080
        return isOther == 0 ? digits &* 10 &+ digits >> 8 : nil
    }
}

private struct Moment {
    var (year, month, day): (Int64, Int64, Int64) = (0, 0, 0)
    var (hour, minute, second, microsecond): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)

    var timeOfDay: Int64 { ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond }

    var exists: Bool {
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return false }
        return (1...daysInMonth).contains(day)
    }

    private var daysInMonth: Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// False: it is written in no way that is understood.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var text = Text(bytes: bytes)
        let digits = text.digitsAhead
        if digits == 8 || digits == 14 {
            guard let first = text.number(4...4), let second = text.number(2...2), let third = text.number(2...2) else {
                return false
            }
            (year, month, day) = (first, second, third)
            if digits == 14 {
                guard let first = text.number(2...2), let second = text.number(2...2), let third = text.number(2...2)
                else { return false }
                (hour, minute, self.second) = (first, second, third)
                return text.isAtEnd
            }
        } else {
            guard let first = text.number(4...4), let mark = text.mark("-", "/"), let second = text.number(1...2),
                text.mark(mark, mark) != nil, let third = text.number(1...2)
            else { return false }
            (year, month, day) = (first, second, third)
        }
        return text.isAtEnd || readTime(&text)
    }

    private mutating func readTime(_ text: inout Text) -> Bool {
        guard text.mark(" ", "T") != nil, let first = text.number(1...2), text.mark(":", ":") != nil,
            let second = text.number(1...2)
        else { return false }
        (hour, minute) = (first, second)
        guard text.mark(":", ":") != nil else { return text.isAtEnd }
        guard let third = text.number(1...2) else { return false }
        self.second = third
        guard text.mark(".", ".") != nil else { return text.isAtEnd }
        let count = text.digitsAhead
        guard var fraction = text.number(1...6) else { return false }
        for _ in count..<6 { fraction *= 10 }
        microsecond = fraction
        return text.isAtEnd
    }
}

/// The bytes that are not read yet.
private struct Text {
    let bytes: UnsafeRawBufferPointer
    var place = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    var digitsAhead: Int {
        var end = place
        while end < bytes.count, FieldKind.digit(bytes[end]) != nil { end += 1 }
        return end - place
    }

    /// All the digits ahead, if they are so many.
    mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
        // A fixed number is cut out of a longer run: dates without marks.
        let count = digits.count == 1 ? min(digitsAhead, digits.upperBound) : digitsAhead
        guard digits.contains(count) else { return nil }
        defer { place += count }
        return FieldKind.small(bytes, place..<(place + count))
    }

    mutating func mark(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> Unicode.Scalar? {
        guard place < bytes.count else { return nil }
        let found = Unicode.Scalar(bytes[place])
        guard found == one || found == other else { return nil }
        place += 1
        return found
    }
}
