import TabletModel
import Testing

@Suite struct NetworkAddressTests {
    // found B11, A4
    @Test(arguments: [
        ("be1:9050", "be1", Int32(9050)),
        ("Be1.Example.COM.:9050", "be1.example.com", 9050),
        ("10.0.0.2:1", "10.0.0.2", 1),
        ("my_host-2:65535", "my_host-2", 65_535),
    ])
    func oneSpellingIsOneAddress(text: String, host: String, port: Int32) throws {
        #expect(try NetworkAddress.parse(text) == NetworkAddress(host: host, port: port))
    }

    @Test(arguments: [
        ("http://be1:9050", "URL"), ("be1", "no port"), ("be1:", "no port"), ("be1:0", "no port"),
        ("be1:65536", "no port"), ("be1:-1", "no port"), ("be1:9050-9060", "no port"), ("be1:9050 ", "no port"),
        ("be1:99999999999999", "no port"), ("be1:٩", "no port"), ("[::1]:9050", "IPv6"), ("::1", "IPv6"),
        ("fe80::1:9050", "IPv6"), (":9050", "empty"), (".:9050", "empty"), ("be 1:9050", "blank"),
        (" be1:9050", "blank"), ("be1/x:9050", "path"), ("a..b:9050", "empty part"), ("bé:9050", "U+e9"),
        ("127.1:9050", "IPv4"), ("2130706433:9050", "IPv4"), ("127.0.0.256:9050", "IPv4"), ("010.0.0.1:9050", "IPv4"),
        ("0.0.0.0:9050", "every address"),
    ])
    func whatIsNoAddressIsRefusedWithTheReason(text: String, reason: String) {
        let problem = #expect(throws: AddressProblem.self) { try NetworkAddress.parse(text) }
        #expect(problem?.description.contains(reason) == true)
    }

    @Test func anAddressGivenInPartsIsJudgedTheSame() {
        #expect(throws: AddressProblem.self) { try NetworkAddress(host: "http://be1", port: 9050).checked() }
        #expect(throws: AddressProblem.self) { try NetworkAddress(host: "::1", port: 9050).checked() }
        #expect(throws: AddressProblem.self) { try NetworkAddress(host: "", port: 9050).checked() }
        #expect(throws: AddressProblem.self) { try NetworkAddress(host: "be1", port: 0).checked() }
        #expect(throws: AddressProblem.self) {
            try NetworkAddress(host: String(repeating: "a", count: 300), port: 9050).checked()
        }
    }
}

@Suite struct BackendUUIDTests {
    @Test func aUUIDIsReadInAnyCase() throws {
        let text = "0F8FAD5B-D9CB-469f-a165-70867728950e"
        #expect(BackendUUID(text: text)?.description == text.lowercased())
    }

    @Test(arguments: ["", "0f8fad5b", "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5b0d9cb-469f-a165-70867728950e"])
    func otherTextIsNone(text: String) { #expect(BackendUUID(text: text) == nil) }
}
