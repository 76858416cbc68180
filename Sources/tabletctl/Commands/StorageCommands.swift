import ArgumentParser
import Foundation
import HTTPAPI

struct Resources: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The S3 buckets that policies cool to.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/storage_resources"), as: [StorageResourceView].self) {
            resources in
            var table = TextTable(["name", "endpoint", "bucket", "root", "region", "access key", "policies"])
            for resource in resources {
                table.add([
                    resource.name, resource.endpoint, resource.bucket, resource.rootPath, resource.region,
                    resource.accessKey, resource.usedByPolicies.joined(separator: ", "),
                ])
            }
            return table.render(empty: "no storage resources; add one with `tabletctl create-resource`")
        }
    }
}

struct CreateResource: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Name an S3 bucket and what opens it.",
        discussion: """
            The secret is read from the environment variable AWS_SECRET_ACCESS_KEY or a file, so that it never stands in a
            process list or a shell's history. No command shows it again.

            EXAMPLE
              AWS_SECRET_ACCESS_KEY=… tabletctl create-resource cold --endpoint https://s3.eu-central-1.amazonaws.com \\
                --region eu-central-1 --bucket tablets --access-key AKIA…
            """)
    @Argument var name: String
    @Option(help: "URL of the S3 service; https unless it says http.")
    var endpoint: String
    @Option var region = "us-east-1"
    @Option var bucket: String
    @Option(help: "Prefix of all keys in the bucket.")
    var rootPath = ""
    @Option(help: "Access key (or the environment variable AWS_ACCESS_KEY_ID).")
    var accessKey: String?
    @Option(help: "File whose first line is the secret key.")
    var secretKeyFile: String?
    @Flag(name: .customLong("virtual-host-style"), help: "Put the bucket into the host name instead of the path.")
    var virtualHostStyle = false
    @Option(help: "Connections a backend keeps to it at most.")
    var maxConnections: Int32 = 50
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard let key = accessKey ?? environment("AWS_ACCESS_KEY_ID") else {
            throw CLIError.usage("no access key: give --access-key or set AWS_ACCESS_KEY_ID")
        }
        var body = StorageResourceBody(
            name: name, endpoint: endpoint, accessKey: key, secretKey: try secret(), bucket: bucket)
        body.region = region
        body.rootPath = rootPath
        body.usePathStyle = !virtualHostStyle
        body.maxConnections = maxConnections
        body.sessionToken = environment("AWS_SESSION_TOKEN")
        let bytes = try global.client().post("/api/storage_resources", body)
        try global.show(bytes, as: StorageResourceView.self) { "storage resource \($0.name) created\n" }
    }

    private func secret() throws -> String {
        if let secretKeyFile {
            guard let text = try? String(contentsOfFile: secretKeyFile, encoding: .utf8),
                let line = text.split(whereSeparator: \.isNewline).first
            else { throw CLIError.usage("can't read a secret key from \(secretKeyFile)") }
            return String(line)
        }
        guard let secret = environment("AWS_SECRET_ACCESS_KEY") else {
            throw CLIError.usage("no secret key: set AWS_SECRET_ACCESS_KEY or give --secret-key-file")
        }
        return secret
    }
}

struct DropResource: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget a storage resource that no policy uses.")
    @Argument var name: String
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let bytes = try global.client().delete("/api/storage_resources/\(pathSegment(name))")
        try global.finish(bytes, "storage resource \(name) dropped")
    }
}

struct Policies: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The storage policies: when tables cool, and where to.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/storage_policies"), as: [StoragePolicyView].self) { policies in
            var table = TextTable(["name", "resource", "cools", "tables"])
            for policy in policies {
                table.add([
                    policy.name, policy.resource, due(policy),
                    policy.usedByTables.map(\.description).joined(separator: ", "),
                ])
            }
            return table.render(empty: "no storage policies; add one with `tabletctl create-policy`")
        }
    }

    private func due(_ policy: StoragePolicyView) -> String {
        var parts: [String] = []
        if let ttl = policy.cooldownTTLSeconds { parts.append("\(formatSeconds(Double(ttl))) after the last write") }
        if let time = policy.cooldownDatetimeSeconds { parts.append("at \(formatTime(time * 1000))") }
        return parts.joined(separator: " or ")
    }
}

struct CreatePolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say when rows leave local disks, and to which resource.",
        discussion: """
            EXAMPLES
              tabletctl create-policy after-a-day --resource cold --ttl 86400
              tabletctl create-policy now --resource cold --ttl 0
            """)
    @Argument var name: String
    @Option(help: "Storage resource to cool to.")
    var resource: String
    @Option(help: "Seconds after a rowset's newest write.")
    var ttl: Int64?
    @Option(help: "Seconds since 1970 at which everything is due.")
    var datetime: Int64?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard ttl != nil || datetime != nil else { throw CLIError.usage("give --ttl or --datetime, or both") }
        let request = CreateStoragePolicyRequest(
            name: name, resource: resource, cooldownTTLSeconds: ttl, cooldownDatetimeSeconds: datetime)
        try global.show(try global.client().post("/api/storage_policies", request), as: StoragePolicyView.self) {
            "storage policy \($0.name) created\n"
        }
    }
}

struct DropPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Drop a storage policy that no table has.")
    @Argument var name: String
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let bytes = try global.client().delete("/api/storage_policies/\(pathSegment(name))")
        try global.finish(bytes, "storage policy \(name) dropped")
    }
}

struct AttachPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a table cool by a policy (--none takes it off).",
        discussion: "EXAMPLE\n  tabletctl attach-policy flights now")
    @Argument var table: TableArgument
    @Argument var policy: String?
    @Flag(help: "Take the policy off; only while nothing of the table is cold.")
    var none = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard (policy != nil) != none else { throw CLIError.usage("name a policy, or give --none") }
        let bytes = try global.client().put(table.path + "/storage_policy", AttachStoragePolicyRequest(policy: policy))
        try global.show(bytes, as: TableView.self) { view in
            "table \(view.name) \(view.storagePolicy.map { "cools by policy \($0)" } ?? "has no storage policy")\n"
        }
    }
}
