import Testing

@testable import tabletctl

@Suite struct StorageKeysTests {
    private let shell = ["AWS_ACCESS_KEY_ID": "EA", "AWS_SECRET_ACCESS_KEY": "ES", "AWS_SESSION_TOKEN": "ET"]

    /// found B10: a token belongs to the keys it came with.
    @Test(
        arguments: [
            (nil, nil, nil, "EA ES ET"), ("A", nil, nil, "A ES -"), (nil, "S", nil, "EA S -"),
            ("A", "S", nil, "A S -"), ("A", "S", "T", "A S T"), (nil, nil, "T", "EA ES T"),
        ] as [(String?, String?, String?, String)])
    func aTokenOfTheShellGoesWithTheShellsKeysAlone(
        access: String?, secret: String?, token: String?, expected: String
    ) throws {
        let keys = try StorageKeys(accessKey: access, secretKey: secret, sessionToken: token) { shell[$0] }
        #expect("\(keys.accessKey) \(keys.secretKey) \(keys.sessionToken ?? "-")" == expected)
    }

    @Test func keysThatNobodyAskedForAreNamedAndNotShown() throws {
        let hint = try #require(StorageKeys.hint { "hush of \($0.lowercased())" })
        #expect(hint.contains("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of") && hint.contains("--keys"))
        #expect(!hint.contains("hush"))
        let one = StorageKeys.hint { $0 == "AWS_SECRET_ACCESS_KEY" ? "S" : nil }
        #expect(one?.contains("AWS_SECRET_ACCESS_KEY of the environment is") == true)
        #expect(StorageKeys.hint { $0 == "AWS_SESSION_TOKEN" ? "T" : "" } == nil)
    }

    @Test func missingKeysAreNamed() {
        #expect { try StorageKeys(accessKey: nil, secretKey: "S", sessionToken: nil) { _ in nil } } throws: {
            ($0 as? CLIError)?.message.contains("--access-key") == true
        }
        #expect { try StorageKeys(accessKey: "A", secretKey: nil, sessionToken: nil) { _ in nil } } throws: {
            ($0 as? CLIError)?.message.contains("AWS_SECRET_ACCESS_KEY") == true
        }
    }
}
