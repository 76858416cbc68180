internal import ByteText

/// An address of IPv4 or IPv6, without port and zone.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public let isIPv4: Bool
    /// The most significant bits first; an IPv4 address has the upper 32 of `high`.
    let high: UInt64
    let low: UInt64

    /// Four numbers (192.168.0.1), or the forms of RFC 4291 (fe80::1, ::ffff:10.0.0.1). A zone ("%eth0") is left out. What is
    /// IPv4 in IPv6's clothes (::ffff:…, as a socket for both names its callers) is IPv4.
    public init?(_ text: some StringProtocol) {
        let text = text.prefix { $0 != "%" }
        if let number = Self.ipv4(text) {
            self.init(ipv4: number)
        } else if let groups = Self.ipv6(text) {
            let halves = (Self.joined(groups[0..<4]), Self.joined(groups[4..<8]))
            if halves.0 == 0, halves.1 >> 32 == 0xFFFF {
                self.init(ipv4: UInt32(truncatingIfNeeded: halves.1))
            } else {
                self.init(isIPv4: false, high: halves.0, low: halves.1)
            }
        } else {
            return nil
        }
    }

    init(ipv4 number: UInt32) { self.init(isIPv4: true, high: UInt64(number) << 32, low: 0) }

    init(isIPv4: Bool, high: UInt64, low: UInt64) {
        self.isIPv4 = isIPv4
        self.high = high
        self.low = low
    }

    public var isLoopback: Bool { isIPv4 ? high >> 56 == 127 : high == 0 && low == 1 }

    var bits: Int { isIPv4 ? 32 : 128 }

    /// The same with all but the first bits zero.
    func prefix(_ count: Int) -> IPAddress {
        IPAddress(isIPv4: isIPv4, high: high & Self.mask(count), low: low & Self.mask(count - 64))
    }

    private static func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count)) }

    private static func joined(_ groups: ArraySlice<UInt16>) -> UInt64 { groups.reduce(0) { $0 << 16 | UInt64($1) } }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            // "010" is 8 to some and 10 to others: to nobody here.
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            guard let byte = Self.number(part, radix: 10), byte <= 255 else { return nil }
            number = number << 8 | byte
        }
        return number
    }

    private static func ipv6(_ text: some StringProtocol) -> [UInt16]? {
        let halves = text.components(around: "::")
        guard let head = groups(halves.0, mayEndInIPv4: halves.1 == nil) else { return nil }
        guard let rest = halves.1 else { return head.count == 8 ? head : nil }
        guard let tail = groups(rest, mayEndInIPv4: true), head.count + tail.count < 8 else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (i, part) in parts.enumerated() {
            if (1...4).contains(part.utf8.count), let group = number(part.utf8, radix: 16) {
                groups.append(UInt16(group))
            } else if mayEndInIPv4, i == parts.count - 1, let number = ipv4(part) {
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                return nil
            }
        }
        return groups
    }

    private static func number(_ digits: some Collection<UInt8>, radix: UInt32) -> UInt32? {
        var number: UInt32 = 0
        for digit in digits {
            guard let value = Hexadecimal.value(digit), value < radix else { return nil }
            number = number * radix + UInt32(value)
        }
        return number
    }

    /// IPv6 as RFC 5952 writes it.
    public var description: String {
        if isIPv4 {
            return [56, 48, 40, 32].map { (shift: UInt64) in "\(high >> shift & 0xFF)" }.joined(separator: ".")
        }
        let groups: [UInt64] = [high, low].flatMap { half in
            [48, 32, 16, 0].map { (shift: UInt64) in half >> shift & 0xFFFF }
        }
        let texts = groups.map { String($0, radix: 16) }
        guard let gap = Self.longestZeros(groups), gap.count > 1 else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::" + texts[gap.upperBound...].joined(separator: ":")
    }

    private static func longestZeros(_ groups: [UInt64]) -> Range<Int>? {
        var best: Range<Int>?
        var start: Int?
        for i in 0...8 {
            if i < 8, groups[i] == 0 {
                start = start ?? i
            } else if let from = start {
                if i - from > best?.count ?? 0 { best = from..<i }
                start = nil
            }
        }
        return best
    }
}

extension StringProtocol {
    /// What stands before the first mark and what behind it; nil when there is none.
    fileprivate func components(around mark: String) -> (Substring, Substring?) {
        let bytes = utf8
        let wanted = Array(mark.utf8)
        var at = bytes.startIndex
        while at != bytes.endIndex {
            if bytes[at...].starts(with: wanted) {
                return (Substring(self[..<at]), Substring(self[bytes.index(at, offsetBy: wanted.count)...]))
            }
            at = bytes.index(after: at)
        }
        return (Substring(self), nil)
    }
}
