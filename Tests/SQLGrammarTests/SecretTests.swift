import ClusterTestKit
import Testing

@testable import SQLGrammar

/// Passwords and keys are in no error, no log line and no description.
@Suite struct SecretTests {
    /// Right and wrong, with the word HIDDEN where the secret is.
    static let texts = [
        "CREATE USER jack IDENTIFIED BY 'HIDDEN'", "CREATE USER jack IDENTFIED BY 'HIDDEN'",
        "CREATE USER jack 'HIDDEN'",
        "CREATE USER jack IDENTIFIED 'HIDDEN'", "CREATE USER jack IDENTIFIED BY HIDDEN",
        "CREATE USER 'jack IDENTIFIED BY 'HIDDEN'",
        "CREATE USER jack IDENTIFIED BY 'it's HIDDEN'", "CREATE USER jack IDENTIFIED BY \"a\"HIDDEN\"b\"",
        "CREATE USER jack IDENTIFIED BY 'HIDDEN", "ALTER USER jack IDENTIFIED BY 'HIDDEN' x", "SET PASSWORD = 'HIDDEN'",
        "SET PASSWORD = PASSWORD('HIDDEN')", "SET PASSWORD FOR jack = PASSWORD('HIDDEN'",
        "SET PASSWORD FOR 'jack' = HIDDEN",
        "SET PASSWORD 'HIDDEN'", "SET PASSWORD FOR jack 'HIDDEN'", "CREATE USER jack IDENTIFIED WITH x AS 'HIDDEN'",
        "CREATE RESOURCE r PROPERTIES (\"AWS_SECRET_KEY\" = \"HIDDEN\", \"x\" = \"y\")",
        "CREATE RESOURCE r PROPERTIES (\"s3.secret_key\" \"HIDDEN\")",
        "CREATE RESOURCE r PROPERTIES (\"s3.secret_key\", \"HIDDEN\")",
        "CREATE RESOURCE r PROPERTIES (\"s3.secret_key\" = \"a\"HIDDEN\")",
        "ALTER RESOURCE r PROPERTIES (s3.session_token = HIDDEN)",
        "CREATE RESOURCE \"r PROPERTIES (\"AWS_SECRET_KEY\" = \"HIDDEN\")",
        "PREPARE s FROM 'CREATE USER a IDENTIFIED BY \"HIDDEN\"'",
        "SET @s = 'CREATE USER a IDENTIFIED BY \"HIDDEN\"'", "CREATE RESOURCE r PROPERTIES (\"AWS_TOKEN\" = 'HIDDEN'",
        "CREATE RESOURCE r PROPERTIES (\"type\" = \"s3\", \"s3.secret_key\" = \"HIDDEN\") )",
        "ADMIN SET FRONTEND CONFIG (\"root_password\" = \"HIDDEN\")",
    ]

    @Test(arguments: texts) func masked(_ text: String) {
        #expect(!SQLText.masked(Array(text.utf8)).contains("HIDDEN"), "\(SQLText.masked(Array(text.utf8)))")
        do {
            let parsed = try ParsedStatement(Array(text.utf8))
            // A variable's value is only shown by who set it.
            if case .set = parsed.statement { return }
            #expect(!"\(parsed.statement)".contains("HIDDEN"))
            #expect(!String(reflecting: parsed.statement).contains("HIDDEN"))
        } catch {
            #expect(!"\(error)".contains("HIDDEN"), "\(error)")
        }
    }

    /// Whatever byte is lost, changed or added around it.
    @Test(arguments: texts) func maskedWhateverIsWrong(_ text: String) {
        var random = SplitMix64(seed: UInt64(text.utf8.count))
        for _ in 0..<300 {
            var bytes = Array(text.utf8)
            let secret = Array("HIDDEN".utf8)
            let start = (0..<bytes.count).first { bytes[$0...].starts(with: secret) }!
            // Not in the secret itself, nor in the words by which it is known.
            let place = Int(random.next() % UInt64(bytes.count))
            let words = [
                "IDENTIFIED", "IDENTFIED", "PASSWORD", "USER", "SECRET", "TOKEN", "secret", "token", "password", "BY",
            ]
            let isKept = words.contains { word in
                (0..<bytes.count).contains {
                    bytes[$0...].starts(with: word.utf8) && ($0 - 1...$0 + word.utf8.count).contains(place)
                }
            }
            if (start - 1..<start + 7).contains(place) || isKept { continue }
            switch random.next() % 3 {
            case 0: bytes.remove(at: place)
            case 1: bytes[place] = UInt8(ascii: "x")
            default: bytes.insert(UInt8(ascii: " "), at: place)
            }
            let changed = String(decoding: bytes, as: UTF8.self)
            #expect(!SQLText.masked(bytes).contains("HIDDEN"), "\(changed)")
            do { _ = try ParsedStatement(bytes) } catch { #expect(!"\(error)".contains("HIDDEN"), "\(changed)") }
        }
    }

    @Test func theRestIsShown() {
        for (text, shown) in [
            ("SELECT  'a'\n /* x */ FROM t", "SELECT 'a' FROM t"), ("CREATE USER 'jack'@'%'", "CREATE USER 'jack'@'%'"),
            ("CREATE USER jack IDENTIFIED BY 'x'", "CREATE USER jack IDENTIFIED BY ***"),
            ("GRANT LOAD ON a.* TO 'jack'", "GRANT LOAD ON a.* TO 'jack'"),
            (
                "CREATE RESOURCE r PROPERTIES (\"type\" = \"s3\", \"s3.secret_key\" = \"x\", \"s3.region\" = \"r\")",
                "CREATE RESOURCE r PROPERTIES (\"type\" = \"s3\", \"s3.secret_key\" = ***, \"s3.region\" = \"r\")"
            ),
        ] {
            #expect(SQLText.masked(Array(text.utf8)) == shown)
        }
        #expect(SQLText.masked(Array(String(repeating: "word ", count: 100).utf8), limit: 20).utf8.count < 40)
        #expect(SQLText.masked([0xff, 0, 0x27]).isEmpty == false)
    }
}
