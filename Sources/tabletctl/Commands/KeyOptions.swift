import ArgumentParser
import Foundation

/// Where a storage resource's keys come from: options and files, or the environment.
struct KeyOptions: ParsableArguments {
    @Option(help: "Access key (or the environment variable AWS_ACCESS_KEY_ID).")
    var accessKey: String?
    @Option(help: "File whose first line is the secret key (or AWS_SECRET_ACCESS_KEY).")
    var secretKeyFile: String?
    @Option(
        help: "File whose first line is the keys' session token (or AWS_SESSION_TOKEN, with keys of the environment).")
    var sessionTokenFile: String?

    var areGiven: Bool { accessKey != nil || secretKeyFile != nil || sessionTokenFile != nil }

    func required() throws -> StorageKeys {
        try StorageKeys(
            accessKey: accessKey, secretKey: try secretKeyFile.map { try firstLine($0, "a secret key") },
            sessionToken: try sessionTokenFile.map { try firstLine($0, "a session token") }, environment: environment)
    }

    private func firstLine(_ path: String, _ what: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let line = text.split(whereSeparator: \.isNewline).first
        else { throw CLIError.usage("can't read \(what) from \(path)") }
        return String(line)
    }
}

/// The keys that open a bucket.
struct StorageKeys {
    var accessKey: String
    var secretKey: String
    /// Of these keys. One of the environment belongs to the environment's keys alone (found B10).
    var sessionToken: String?

    /// - Parameters: what options gave; nil: the environment is asked.
    init(
        accessKey: String?, secretKey: String?, sessionToken: String?, environment: (String) -> String?
    ) throws {
        guard let access = accessKey ?? environment("AWS_ACCESS_KEY_ID") else {
            throw CLIError.usage("no access key: give --access-key or set AWS_ACCESS_KEY_ID")
        }
        guard let secret = secretKey ?? environment("AWS_SECRET_ACCESS_KEY") else {
            throw CLIError.usage("no secret key: set AWS_SECRET_ACCESS_KEY or give --secret-key-file")
        }
        self.accessKey = access
        self.secretKey = secret
        let isAllOfEnvironment = accessKey == nil && secretKey == nil
        self.sessionToken = sessionToken ?? (isAllOfEnvironment ? environment("AWS_SESSION_TOKEN") : nil)
    }

    /// For a command that changes other things, too, and was not told to take keys: that the environment has some. nil when it
    /// has none.
    static func hint(environment: (String) -> String?) -> String? {
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].filter { !(environment($0) ?? "").isEmpty }
        guard !names.isEmpty else { return nil }
        return "the keys stay as they are: \(names.joined(separator: " and ")) of the environment "
            + "\(names.count == 1 ? "is" : "are") taken with --keys alone"
    }
}
