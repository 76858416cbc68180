import AccessControl
import MySQLProtocol
import SQLSessions
import ServerFixtures
import Testing

@Suite struct LoginTests {
    private typealias Flags = MySQLClientBytes.Flags
    private let hash = PasswordHash(of: "secret")

    private func ok(_ driver: inout Driver) {
        driver.conversation.loggedIn()
        driver.collect()
        #expect(driver.packets.last?.payload.first == 0)
        #expect(driver.conversation.isIdle && driver.conversation.isLoggedIn)
    }

    @Test func theNativePluginTakesOneAnswer() {
        var driver = Driver()
        driver.reply(
            MySQLClientBytes.hello(
                user: "ann", answer: MySQLClientBytes.nativeAnswer("secret", Driver.challenge), database: "d"))
        #expect(driver.login?.user == "ann" && driver.login?.database == "d" && driver.login?.isEncrypted == false)
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
        ok(&driver)
        #expect(driver.packets.last?.sequence == 2)
    }

    @Test func cachingSHA2TellsThatItsFastPathWasTaken() {
        var driver = Driver { $0.plugin = .cachingSHA2 }
        driver.reply(
            MySQLClientBytes.hello(
                user: "ann", answer: MySQLClientBytes.sha2Answer("secret", Driver.challenge),
                plugin: "caching_sha2_password"))
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
        ok(&driver)
        #expect(driver.packets.suffix(2).map(\.payload.first) == [1, 0])
        #expect(driver.packets.suffix(2).map(\.sequence) == [2, 3])
    }

    /// Whoever prefers the other plugin may have sent nothing, or what is made over no challenge.
    @Test(arguments: AuthenticationPlugin.allCases, [0, 8])
    func whoPrefersTheOtherPluginIsAskedForThatOne(named: AuthenticationPlugin, sent: Int) throws {
        let other: AuthenticationPlugin = named == .native ? .cachingSHA2 : .native
        var driver = Driver { $0.plugin = named }
        driver.reply(
            MySQLClientBytes.hello(
                user: "ann", answer: [UInt8](repeating: 9, count: sent), plugin: other.rawValue))
        #expect(driver.events.isEmpty)
        #expect(driver.packets.last?.payload == [0xfe] + Array(other.rawValue.utf8) + [0] + Driver.second + [0])
        driver.reply(
            other == .native
                ? MySQLClientBytes.nativeAnswer("secret", Driver.second)
                : MySQLClientBytes.sha2Answer("secret", Driver.second))
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
        ok(&driver)
    }

    @Test func anAnswerOverTheNamedChallengeCountsWhicheverPluginItIs() {
        var driver = Driver()
        driver.reply(
            MySQLClientBytes.hello(
                user: "ann", answer: MySQLClientBytes.sha2Answer("secret", Driver.challenge),
                plugin: "caching_sha2_password"))
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
    }

    @Test(arguments: ["mysql_clear_password", "client_ed25519", "sha256_password"])
    func anUnknownPluginIsAnsweredWithTheNamedOne(plugin: String) {
        var driver = Driver()
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: Array("secret".utf8), plugin: plugin))
        #expect(driver.packets.last?.payload.dropFirst().starts(with: "mysql_native_password".utf8) == true)
        driver.reply(MySQLClientBytes.nativeAnswer("secret", Driver.second))
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
    }

    @Test(arguments: [
        ([UInt8](), "mysql_native_password"), ([], "caching_sha2_password"), ([0], "caching_sha2_password"),
    ])
    func anEmptyPasswordIsNoProof(answer: [UInt8], plugin: String) {
        var driver = Driver { $0.plugin = AuthenticationPlugin(rawValue: plugin)! }
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: answer, plugin: plugin))
        #expect(driver.login?.proof == PasswordProof.none)
        ok(&driver)
        #expect(driver.packets.count == 2, "nothing is said of a fast path")
    }

    @Test func aWrongLengthIsAskedForOnceAndThenWrong() {
        var driver = Driver()
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: [1, 2, 3]))
        #expect(driver.events.isEmpty && driver.packets.last?.payload.first == 0xfe)
        driver.reply([1, 2, 3])
        #expect(driver.login.map { hash.accepts($0.proof) } == false)
        driver.conversation.refuse(.accessDenied("no"))
        driver.collect()
        #expect(driver.error == .accessDenied("no") && driver.packets.last?.sequence == 4)
        #expect(driver.send(MySQLClientBytes.query("SELECT 1")).left > 0, "nothing is taken any more")
    }

    @Test func aClientWithoutPluginsMeansTheNativeOne() {
        for plugin in AuthenticationPlugin.allCases {
            var driver = Driver { $0.plugin = plugin }
            driver.reply(
                MySQLClientBytes.hello(
                    user: "ann", answer: MySQLClientBytes.nativeAnswer("secret", Driver.challenge), plugin: nil,
                    flags: Flags.mysql | Flags.protocol41 | Flags.secureConnection))
            #expect(driver.login.map { hash.accepts($0.proof) } == true)
        }
    }

    // MARK: The whole password

    @Test func withoutItsFastPathTheOtherPluginAsksForThePasswordUnderTLS() {
        var driver = Driver(offersTLS: true) { $0.plugin = .cachingSHA2 }
        driver.reply(MySQLClientBytes.wishForTLS())
        guard case .startTLS = driver.events.last else {
            Issue.record("no TLS")
            return
        }
        driver.send(
            MySQLClientBytes.message(
                MySQLClientBytes.hello(user: "ann", answer: [7, 7], plugin: "caching_sha2_password"), sequence: 2))
        #expect(driver.packets.last?.payload == [1, 4])
        driver.reply(Array("secret".utf8) + [0])
        #expect(driver.login?.proof == .clear("secret") && driver.login?.isEncrypted == true)
        ok(&driver)
        #expect(driver.packets.count == 3, "nothing is said of a fast path")
    }

    @Test(arguments: [[UInt8]("secret".utf8), [2], [], [0xff, 0xfe, 0]])
    func aPasswordHasAnEndAndIsText(sent: [UInt8]) {
        var driver = Driver(offersTLS: true) { $0.plugin = .cachingSHA2 }
        driver.reply(MySQLClientBytes.wishForTLS())
        driver.send(
            MySQLClientBytes.message(
                MySQLClientBytes.hello(user: "ann", answer: [7, 7], plugin: "caching_sha2_password"), sequence: 2))
        driver.reply(sent)
        #expect(driver.hasEnded && driver.error == .malformedPacket)
    }

    @Test func thePasswordIsNeverAskedForInTheClear() {
        var driver = Driver { $0.plugin = .cachingSHA2 }
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: [7, 7], plugin: "caching_sha2_password"))
        #expect(driver.hasEnded && driver.error == .needsTLS)
    }

    // MARK: TLS

    @Test func whatFollowsTheWishForTLSIsNotTouched() {
        var driver = Driver(offersTLS: true)
        let injected = MySQLClientBytes.message(MySQLClientBytes.hello(user: "ann", answer: []), sequence: 2)
        let (left, _) = driver.send(MySQLClientBytes.message(MySQLClientBytes.wishForTLS(), sequence: 1) + injected)
        #expect(left == injected.count)
    }

    @Test func aPlainLoginIsRefusedWhereTLSIsNeeded() {
        var driver = Driver(offersTLS: true) { $0.requiresTLS = true }
        driver.reply(MySQLClientBytes.hello(user: "ann", answer: []))
        #expect(driver.hasEnded && driver.error == .tlsRequired)
    }

    @Test(arguments: [true, false])
    func tlsIsBegunOnceAndOnlyIfOffered(offers: Bool) {
        var driver = Driver(offersTLS: offers)
        driver.reply(MySQLClientBytes.wishForTLS())
        if offers { driver.send(MySQLClientBytes.message(MySQLClientBytes.wishForTLS(), sequence: 2)) }
        #expect(driver.hasEnded && driver.error?.number == 1043)
    }

    // MARK: What is no hello

    @Test func clientsBefore41AreToldSoInTheirForm() {
        var driver = Driver()
        driver.reply([0x05, 0x00, 0, 0, 0] + Array("ann".utf8) + [0])
        #expect(driver.hasEnded)
        #expect(driver.error == SQLError(1251, "", SQLError.oldClient.message))
    }

    @Test func aHelloThatEndsTooEarlyIsRefusedAtEveryByte() {
        let hello = MySQLClientBytes.hello(
            user: "ann", answer: [UInt8](repeating: 1, count: 20), plugin: "mysql_native_password", database: "d",
            attributes: [9, 3] + Array("pid".utf8) + [4] + Array("1234".utf8))
        for count in 0..<hello.count {
            var driver = Driver()
            driver.reply(Array(hello.prefix(count)))
            let isWhole = count >= 32 + 4 + 21
            #expect(driver.events.count == 1 || driver.packets.count == 2)
            #expect(driver.hasEnded == !isWhole, "\(count) bytes")
            if !isWhole { #expect([1043, 1251].contains(driver.error?.number)) }
        }
    }

    @Test func namesThatAreNoTextAreRefused() {
        var driver = Driver()
        var hello = MySQLClientBytes.hello(user: "ann", answer: [])
        hello[32] = 0xff
        driver.reply(hello)
        #expect(driver.hasEnded && driver.error == .invalidText)
    }

    @Test func aHelloIsShort() {
        var driver = Driver()
        let long = [UInt8](repeating: 0, count: 70_000)
        driver.send(
            MySQLClientBytes.message(MySQLClientBytes.hello(user: "ann", answer: [], attributes: long), sequence: 1))
        #expect(driver.hasEnded && driver.error?.number == 1153)
    }

    // MARK: Another user

    @Test(arguments: ["mysql_native_password", "caching_sha2_password", "other"])
    func anotherUserIsAskedWithAChallengeOfItsOwn(plugin: String) {
        var driver = Driver.loggedIn()
        driver.send(MySQLClientBytes.message(MySQLClientBytes.changeOfUser("bob", plugin: plugin, database: "d2")))
        let asked = AuthenticationPlugin(rawValue: plugin) ?? .native
        #expect(driver.packets.last?.payload == [0xfe] + Array(asked.rawValue.utf8) + [0] + Driver.second + [0])
        driver.reply(
            asked == .native
                ? MySQLClientBytes.nativeAnswer("secret", Driver.second)
                : MySQLClientBytes.sha2Answer("secret", Driver.second))
        #expect(driver.login?.user == "bob" && driver.login?.database == "d2")
        #expect(driver.login.map { hash.accepts($0.proof) } == true)
        ok(&driver)
    }

    @Test func aChangeOfUserThatEndsTooEarlyEndsTheConnection() {
        for payload in [[0x11], [0x11] + Array("bob".utf8), [0x11] + Array("bob".utf8) + [0, 20, 1]] as [[UInt8]] {
            var driver = Driver.loggedIn()
            driver.send(MySQLClientBytes.message(payload))
            #expect(driver.hasEnded && driver.error == .malformedPacket)
        }
    }
}
