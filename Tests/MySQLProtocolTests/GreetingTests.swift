import MySQLProtocol
import ServerFixtures
import Testing

@Suite struct GreetingTests {
    @Test func theGreetingIsHandshakeV10() {
        let driver = Driver()
        var expected: [UInt8] = [10] + "5.7.99-tabletd".utf8 + [0] + bytes("07000000")
        expected += Driver.challenge.prefix(8)
        expected += bytes("00 0fa6 2d 0200 3801 15") + [UInt8](repeating: 0, count: 10)
        expected += Driver.challenge.dropFirst(8)
        expected += [0] + "mysql_native_password".utf8 + [0]
        #expect(driver.packets.count == 1 && driver.packets[0].sequence == 0)
        #expect(driver.packets[0].payload == expected)
        #expect(MySQLClientBytes.challenge(ofGreeting: driver.packets[0].payload) == Driver.challenge)
    }

    @Test func tlsIsOfferedOnlyWhereThereIsSome() {
        func flags(_ driver: Driver) -> UInt8 { driver.packets[0].payload[31] }
        #expect(flags(Driver(offersTLS: true)) == flags(Driver()) | 0x08)
    }

    @Test func thePluginAndTheVersionAreSettings() {
        let driver = Driver {
            $0.plugin = .cachingSHA2
            $0.serverVersion = "8.0.1"
        }
        #expect(driver.packets[0].payload.starts(with: [10] + Array("8.0.1".utf8) + [0]))
        #expect(driver.packets[0].payload.suffix(22) == Array("caching_sha2_password".utf8) + [0])
    }

    @Test func challengesHaveNeitherTheirEndNorTheirSeparator() {
        var random = SystemRandomNumberGenerator()
        var seen: Set<UInt8> = []
        for _ in 0..<2_000 { seen.formUnion(LoginChallenge.make(using: &random)) }
        #expect(seen == Set(1...127).subtracting([UInt8(ascii: "$")]))
        #expect(LoginChallenge.make(using: &random) != LoginChallenge.make(using: &random))
    }
}
