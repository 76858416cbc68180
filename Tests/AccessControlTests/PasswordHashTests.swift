import AccessControl
import Crypto
import Testing

struct PasswordHashTests {
    private let hash = PasswordHash(of: "password")
    private let challenge = Array(1...20).map { UInt8($0) }

    /// What `SELECT PASSWORD('password')` says in MySQL 5.7.
    @Test func isStoredAsMySQLShowsIt() {
        #expect(hash.text.uppercased().hasPrefix("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19$"))
        #expect(PasswordHash(text: hash.text) == hash)
    }

    @Test(arguments: ["", "*", "2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "*24$70", "*zz$zz", "*2470$2470$"])
    func isNotReadFrom(text: String) {
        #expect(PasswordHash(text: text) == nil)
    }

    @Test func takesTheProofsOfItsPasswordAlone() {
        for (password, holds) in [("password", true), ("passwort", false), ("", false)] {
            #expect(hash.accepts(.clear(password)) == holds)
            #expect(hash.accepts(.native(answer: native(password), challenge: challenge)) == holds)
            #expect(hash.accepts(.sha2(answer: sha2(password), challenge: challenge)) == holds)
        }
        #expect(!hash.accepts(.none))
        #expect(!hash.accepts(.native(answer: [], challenge: challenge)))
        #expect(!hash.accepts(.sha2(answer: [UInt8](repeating: 0, count: 31), challenge: challenge)))
    }

    /// Who has listened to one login knows nothing for the next.
    @Test func aProofIsWorthNothingForAnotherChallenge() {
        let other = challenge.reversed().map { $0 }
        #expect(!hash.accepts(.native(answer: native("password"), challenge: other)))
        #expect(!hash.accepts(.sha2(answer: sha2("password"), challenge: other)))
    }

    /// As the client's side is described.
    private func native(_ password: String) -> [UInt8] {
        let once = Array(Insecure.SHA1.hash(data: Array(password.utf8)))
        let twice = Array(Insecure.SHA1.hash(data: once))
        return zip(once, Array(Insecure.SHA1.hash(data: challenge + twice))).map { $0 ^ $1 }
    }

    private func sha2(_ password: String) -> [UInt8] {
        let once = Array(SHA256.hash(data: Array(password.utf8)))
        let twice = Array(SHA256.hash(data: once))
        return zip(once, Array(SHA256.hash(data: twice + challenge))).map { $0 ^ $1 }
    }
}
