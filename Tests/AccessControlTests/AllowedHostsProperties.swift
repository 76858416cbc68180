import AccessControl
import Testing

/// Against the same question asked bit by bit.
@Suite struct AllowedHostsProperties {
    private struct Address {
        var bits: [Bool]

        var text: String {
            let bytes = stride(from: 0, to: bits.count, by: 8).map { at in
                bits[at..<at + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
            }
            if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
            return stride(from: 0, to: 16, by: 2).map { String(bytes[$0] << 8 | bytes[$0 + 1], radix: 16) }
                .joined(separator: ":")
        }
    }

    @Test func whatANetworkContainsIsWhatItsFirstBitsSay() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let width = Bool.random(using: &random) ? 32 : 128
            let count = Int.random(in: 0...width, using: &random)
            // A first bit set keeps IPv6 out of ::ffff:0:0/96.
            var base = [true] + (1..<width).map { _ in Bool.random(using: &random) }
            for i in count..<width { base[i] = false }
            let hosts = try AllowedHosts("\(Address(bits: base).text)/\(count)")

            var other = base
            for i in count..<width { other[i] = Bool.random(using: &random) }
            #expect(hosts.contains(Address(bits: other).text))
            if count > 0 {
                other[Int.random(in: 0..<count, using: &random)].toggle()
                #expect(!hosts.contains(Address(bits: other).text), "\(hosts) has \(Address(bits: other).text)")
            }
        }
    }

    @Test func theTextOfAListGivesTheListAgain() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let items = (0..<Int.random(in: 1...4, using: &random)).map { _ -> String in
                let width = Bool.random(using: &random) ? 32 : 128
                // Long runs of zeros are common in addresses.
                let bits = (0..<width).map { _ in Int.random(in: 0..<6, using: &random) == 0 }
                return Address(bits: bits).text
            }
            let hosts = try AllowedHosts(items.joined(separator: ","))
            #expect(try AllowedHosts(hosts.description) == hosts)
            for item in items { #expect(hosts.contains(item)) }
        }
    }

    @Test func noTextCrashesTheParser() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("0123456789abcfx.:/%, ;é")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in letters.randomElement(using: &random)! })
            if let hosts = try? AllowedHosts(text) { #expect((try? AllowedHosts(hosts.description)) == hosts) }
        }
    }
}
