import ClusterTestKit
import MySQLProtocol
import SQLSessions
import ServerFixtures
import Testing

/// Conversations of real clients, damaged at random: whatever comes, the machine ends or goes on, and holds no more than came.
@Suite struct MutationTests {
    private static let rounds = 12_500

    /// Bytes that a client sends, whose numbers fit the answers that the server gives.
    private static func conversations() -> [[UInt8]] {
        let native = MySQLClientBytes.nativeAnswer("secret", Driver.challenge)
        let hello = MySQLClientBytes.message(
            MySQLClientBytes.hello(
                user: "ann", answer: native, database: "d", attributes: [4, 1, 97, 1, 98]), sequence: 1)
        let queries =
            MySQLClientBytes.query("SET NAMES utf8mb4") + MySQLClientBytes.command(2, "d")
            + MySQLClientBytes.query("SELECT * FROM t WHERE a = 'x'") + MySQLClientBytes.command(0x0e)
        let switched =
            MySQLClientBytes.message(
                MySQLClientBytes.hello(user: "ann", answer: [], plugin: "caching_sha2_password"), sequence: 1)
            + MySQLClientBytes.message(MySQLClientBytes.sha2Answer("secret", Driver.second), sequence: 3)
        let changed =
            MySQLClientBytes.message(MySQLClientBytes.changeOfUser("bob", plugin: "mysql_native_password"))
            + MySQLClientBytes.message(MySQLClientBytes.nativeAnswer("secret", Driver.second), sequence: 2)
        let encrypted =
            MySQLClientBytes.message(MySQLClientBytes.wishForTLS(), sequence: 1)
            + MySQLClientBytes.message(
                MySQLClientBytes.hello(user: "ann", answer: [1], plugin: "caching_sha2_password"), sequence: 2)
            + MySQLClientBytes.message(Array("secret".utf8) + [0], sequence: 4)
        let rest =
            MySQLClientBytes.command(0x1f) + MySQLClientBytes.command(0x16, "SELECT ?")
            + MySQLClientBytes.command(0x19, "\u{1}\u{0}\u{0}\u{0}") + MySQLClientBytes.command(0x01)
        return [hello + queries + rest, switched + changed + queries, encrypted + rest, hello + changed + rest]
    }

    @Test(arguments: SeedRange.chosen(default: 1...8))
    func damagedConversationsEndOrGoOn(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let conversations = Self.conversations()
        var ends = 0
        var answers = 0
        for round in 0..<Self.rounds {
            var bytes = conversations.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...4, using: &random) { Self.damage(&bytes, &random) }
            let outcome = Self.play(bytes, &random)
            // A refusal for each byte is the most that a command of five bytes gets.
            guard outcome.sent <= 200 + 64 * bytes.count, outcome.steps <= 2 * bytes.count + 16 else {
                Issue.record("seed \(seed), round \(round): \(outcome) for \(bytes.count) bytes")
                return
            }
            ends += outcome.hasEnded ? 1 : 0
            answers += outcome.answers
        }
        // The damage is neither so small that nothing breaks nor so great that nobody gets in.
        #expect(ends > Self.rounds / 10 && answers > Self.rounds / 2, "\(ends) ended, \(answers) answers")
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1, 2: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 3: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
        case 5:
            bytes.insert(contentsOf: (0..<4).map { _ in [0, 0xff, 0xfe, 0xfb].randomElement(using: &random)! }, at: at)
        case 6: bytes.insert(contentsOf: bytes[at...].prefix(60), at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes.removeSubrange(at...)
        }
    }

    struct Outcome {
        var sent = 0
        var steps = 0
        var answers = 0
        var hasEnded = false
    }

    /// As the server drives it: in pieces of any size, and everything that is asked for is given.
    private static func play(_ bytes: [UInt8], _ random: inout SplitMix64) -> Outcome {
        var outcome = Outcome()
        var conversation = Conversation(ConversationSettings(), connection: 1, offersTLS: true) { Driver.challenge }
        conversation.greet()
        var from = 0
        while from < bytes.count, !outcome.hasEnded {
            let end = min(bytes.count, from + Int.random(in: 1...200, using: &random))
            while from < end, !outcome.hasEnded {
                outcome.steps += 1
                let event = bytes[from..<end].withUnsafeBytes { raw in
                    var input = raw
                    defer { from = end - input.count }
                    return conversation.receive(&input)
                }
                precondition(conversation.held <= bytes.count)
                switch event {
                case .logIn(let login):
                    if login.user.isEmpty { conversation.refuse(.accessDenied("no")) } else { conversation.loggedIn() }
                case .run, .use, .reset, .statistics:
                    outcome.answers += 1
                    conversation.answered()
                case .end: outcome.hasEnded = true
                case .startTLS, nil: break
                }
                outcome.sent += conversation.takeOutput().count
                if conversation.hasEnded { outcome.hasEnded = true }
            }
        }
        return outcome
    }
}
