import ArgumentParser
import HTTPAPI

struct Resources: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The S3 buckets that policies cool to, who needs them, and what fails there.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/storage_resources"), as: [StorageResourceView].self) {
            resourcesText($0)
        }
    }
}

func resourcesText(_ resources: [StorageResourceView]) -> String {
    var table = TextTable([
        "name", "endpoint", "bucket", "root", "region", "access key", ">version", "policies", "tables",
        ">cold replicas", ">garbage",
    ])
    var errors = TextTable(["resource", ">backend", ">failing for", ">last", "error"])
    for resource in resources {
        table.add([
            resource.name, resource.endpoint, resource.bucket, resource.rootPath, resource.region, resource.accessKey,
            "\(resource.version)", resource.usedByPolicies.joined(separator: ", "),
            resource.usedByTables.map(\.description).joined(separator: ", "), "\(resource.coldReplicas)",
            "\(resource.garbageRecords)",
        ])
        for use in resource.backends {
            if use.knownVersion == nil {
                errors.add([resource.name, "\(use.backendID)", "", "", "the backend does not know it yet"])
            }
            guard !use.error.isEmpty else { continue }
            errors.add([
                resource.name, "\(use.backendID)", formatAge(use.errorSinceMs), formatAge(use.errorAtMs), use.error,
            ])
        }
    }
    return table.render(empty: "no storage resources; add one with `tabletctl create-resource`")
        + (errors.isEmpty ? "" : "\n" + errors.render(empty: ""))
}

/// Waits for the backends that try the store.
private func tryStore(_ name: String, _ client: APIClient, _ started: [UInt8]) throws {
    var job = try decode(JobView.self, started)
    while job.state == .running {
        pause(milliseconds: 50)
        job = try decode(JobView.self, try client.get("/api/jobs/\(job.id)"))
    }
    guard job.state == .failed else { return }
    throw CLIError.failed(
        "the store of \(name) was tried and failed, nothing was changed: \(job.message); correct it, or give --no-check"
    )
}

struct CreateResource: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Name an S3 bucket and what opens it.",
        discussion: """
            The secret is read from the environment variable AWS_SECRET_ACCESS_KEY or a file, so that it never stands in a
            process list or a shell's history. No command shows it again. AWS_SESSION_TOKEN goes along only when both keys come
            from the environment, too: a token belongs to the keys it came with.

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
    @OptionGroup var keys: KeyOptions
    @Flag(name: .customLong("virtual-host-style"), help: "Put the bucket into the host name instead of the path.")
    var virtualHostStyle = false
    @Option(help: "Connections a backend keeps to it at most.")
    var maxConnections: Int32 = 50
    @Flag(inversion: .prefixedNo, help: "Have backends put, read, list and delete an object there first.")
    var check = true
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let keys = try keys.required()
        var body = StorageResourceBody(
            name: name, endpoint: endpoint, accessKey: keys.accessKey, secretKey: keys.secretKey, bucket: bucket)
        body.region = region
        body.rootPath = rootPath
        body.usePathStyle = !virtualHostStyle
        body.maxConnections = maxConnections
        body.sessionToken = keys.sessionToken
        let client = try global.client()
        if check { try tryStore(name, client, client.post("/api/storage_resources/check", body)) }
        let bytes = try client.post("/api/storage_resources", body)
        try global.show(bytes, as: StorageResourceView.self) { "storage resource \($0.name) created\n" }
    }
}

struct AlterResource: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the keys, the endpoint or the limits of a storage resource.",
        discussion: """
            Backends are told at once and go on with it; nothing is restarted. Only what is given changes. Bucket and root path
            can't change: rowsets are there. An endpoint must lead to the same bucket.

            EXAMPLE
              AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… tabletctl alter-resource cold --keys
            """)
    @Argument var name: String
    @Flag(
        name: .customLong("keys"), help: "Take new keys from the environment; given by options, they are taken anyway.")
    var takesKeys = false
    @OptionGroup var keys: KeyOptions
    @Option(help: "URL of the same bucket's service.")
    var endpoint: String?
    @Option var region: String?
    @Flag(inversion: .prefixedNo, help: "Put the bucket into the host name instead of the path.")
    var virtualHostStyle: Bool?
    @Option(help: "Connections a backend keeps to it at most.")
    var maxConnections: Int32?
    @Option(help: "Milliseconds of silence after which a request fails.")
    var requestTimeoutMs: Int32?
    @Option(help: "Milliseconds to wait for a connection.")
    var connectTimeoutMs: Int32?
    @Flag(inversion: .prefixedNo, help: "Have backends put, read, list and delete an object there first.")
    var check = true
    @OptionGroup var global: GlobalOptions

    func run() throws {
        var changes = StorageResourceChanges()
        var hint: String?
        if takesKeys || keys.areGiven {
            let keys = try keys.required()
            changes.accessKey = keys.accessKey
            changes.secretKey = keys.secretKey
            changes.sessionToken = keys.sessionToken
        } else {
            hint = StorageKeys.hint(environment: environment)
        }
        changes.endpoint = endpoint
        changes.region = region
        changes.usePathStyle = virtualHostStyle.map { !$0 }
        changes.maxConnections = maxConnections
        changes.requestTimeoutMs = requestTimeoutMs
        changes.connectTimeoutMs = connectTimeoutMs
        guard changes != StorageResourceChanges() else {
            throw CLIError.usage("nothing is to be changed: \(hint ?? "give what is, --help lists it")")
        }
        let client = try global.client()
        let path = "/api/storage_resources/\(pathSegment(name))"
        if check { try tryStore(name, client, client.post(path + "/check", changes)) }
        let bytes = try client.put(path, changes)
        try global.show(bytes, as: StorageResourceView.self) {
            "storage resource \($0.name) altered: version \($0.version)\n"
        }
        if let hint { Terminal.printError("tabletctl: \(hint)") }
    }
}

struct DropResource: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forget a storage resource that nothing needs.",
        discussion: """
            Refused while a policy, a table or a backend needs it. --give-up-garbage leaves objects in the bucket that backends
            still want to delete there, when the bucket is gone, say.
            """)
    @Argument var name: String
    @Flag(help: "Leave the objects there that backends still want to delete.")
    var giveUpGarbage = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/storage_resources/\(pathSegment(name))" + (giveUpGarbage ? "?give_up_garbage=true" : "")
        try global.finish(try global.client().delete(path), "storage resource \(name) dropped")
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
        abstract: "Let a table cool by a policy.",
        discussion: "EXAMPLE\n  tabletctl attach-policy flights now")
    @Argument var table: TableArgument
    @Argument var policy: String
    @OptionGroup var global: GlobalOptions

    func run() throws { try putPolicy(policy, table, global) }
}

struct DetachPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a table's policy off.",
        discussion: """
            What is cold stays in the object store and is read from there; nothing more cools.

            EXAMPLE
              tabletctl detach-policy flights
            """)
    @Argument var table: TableArgument
    @OptionGroup var global: GlobalOptions

    func run() throws { try putPolicy(nil, table, global) }
}

private func putPolicy(_ policy: String?, _ table: TableArgument, _ global: GlobalOptions) throws {
    struct Body: Encodable { var policy: String? }
    let bytes = try global.client().put(table.path + "/storage_policy", Body(policy: policy))
    try global.show(bytes, as: TableView.self) { view in
        "table \(view.name) \(view.storagePolicy.map { "cools by policy \($0)" } ?? "has no storage policy")\n"
    }
}
