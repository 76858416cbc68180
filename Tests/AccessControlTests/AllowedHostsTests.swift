import AccessControl
import Testing

@Suite struct AllowedHostsTests {
    @Test(arguments: [
        (
            "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3", "::ffff:0a01:203"],
            ["9.255.255.255", "11.0.0.0", "::1"]
        ),
        ("192.168.7.3", ["192.168.7.3"], ["192.168.7.2", "192.168.7.4", "::192.168.7.3"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "fe80::1"]),
        ("::/0", ["::", "fe80::1%eth0", "2001:db8::1"], ["127.0.0.1", "::ffff:127.0.0.1"]),
        ("fd00::/8", ["fd00::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["fc00::1", "fe00::1"]),
        ("2001:db8:0:1::/64", ["2001:db8:0:1::", "2001:db8:0:1:ffff::9"], ["2001:db8:0:2::", "2001:db8::"]),
        ("2001:db8::8000/113", ["2001:db8::8000", "2001:db8::ffff"], ["2001:db8::7fff", "2001:db8::1:8000"]),
        ("::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.0", "::1"]),
        (
            "10.0.0.0/8, ::1;127.0.0.0/8 172.16.0.1", ["10.1.1.1", "::1", "127.9.9.9", "172.16.0.1"],
            ["172.16.0.2", "::2"]
        ),
    ])
    func aListTakesItsNetworksAndNobodyElse(list: String, inside: [String], outside: [String]) throws {
        let hosts = try AllowedHosts(list)
        for address in inside { #expect(hosts.contains(address), "\(address)") }
        for address in outside { #expect(!hosts.contains(address), "\(address)") }
        #expect(!hosts.contains("localhost"))
        #expect(!hosts.contains(""))
    }

    @Test func anEmptyListTakesEverybody() throws {
        let hosts = try AllowedHosts("  ")
        #expect(hosts.isEverybody && hosts.contains("10.0.0.1") && hosts.contains("nowhere"))
        #expect(hosts == .everybody)
    }

    @Test(arguments: [
        ("10.0.0.1/8", "write 10.0.0.0/8 for the network or 10.0.0.1 for the host"), ("10.0.0.0/33", "0 to 32"),
        ("10.0.0.0/-1", "0 to 32"), ("10.0.0.0/", "0 to 32"), ("10.0.0.0/+8", "0 to 32"), ("fd00::/129", "0 to 128"),
        ("::ffff:10.0.0.0/8", "96 to 128"), ("localhost", "neither an address"), ("10.0.0", "neither an address"),
        ("10.0.0.256", "neither an address"), ("10.0.0.010", "neither an address"), ("1.2.3.4.5", "neither an address"),
        ("1::2::3", "neither an address"), ("1:2:3:4:5:6:7", "neither an address"), (":1", "neither an address"),
        ("1:2:3:4:5:6:7:8:9", "neither an address"), ("1:2:3:4::5:6:7:8", "neither an address"),
        ("12345::", "neither an address"), ("fe80::1%eth0", "neither an address"), ("1.2.3.4::", "neither an address"),
        ("10.0.0.0/8/8", "0 to 32"), ("١.2.3.4", "neither an address"), ("/8", "neither an address"),
    ])
    func whatIsNoNetworkIsNamed(item: String, reason: String) {
        let error = #expect(throws: AllowedHostsError.self) { try AllowedHosts("127.0.0.1," + item) }
        #expect(error?.description.contains("\"\(item)\"") == true)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1::", "1::"), ("FE80:0:0:0:1:0:0:1", "fe80::1:0:0:1"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("::ffff:1.2.3.4", "1.2.3.4"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ])
    func addressesHaveOneText(written: String, text: String) { #expect(IPAddress(written)?.description == text) }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.8.7", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
        ("::2", false), ("7f00::1", false),
    ])
    func loopbackIsKnown(address: String, isLoopback: Bool) { #expect(IPAddress(address)?.isLoopback == isLoopback) }
}
