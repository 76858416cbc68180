internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

/// Properties of a resource of type s3, by Doris' names: those since 2023, and the older ones.
enum ResourceProperties {
    static func creation(_ name: String, _ given: [SQLProperty]) throws -> (CreateStorageResourceRequest, checks: Bool)
    {
        var properties = Properties(given)
        guard try properties.require("type").lowercased() == "s3" else {
            throw SQLError.notSupported("a resource is of type s3")
        }
        var s3 = S3Resource(
            endpoint: try properties.require("s3.endpoint", "AWS_ENDPOINT"),
            accessKey: try properties.take("s3.access_key", "AWS_ACCESS_KEY") ?? "",
            secretKey: try properties.take("s3.secret_key", "AWS_SECRET_KEY") ?? "",
            sessionToken: try properties.take("s3.session_token", "AWS_TOKEN"),
            bucket: try properties.require("s3.bucket", "AWS_BUCKET"))
        if let region = try properties.take("s3.region", "AWS_REGION") { s3.region = region }
        if let path = try properties.take("s3.root.path", "s3.root_path", "AWS_ROOT_PATH") { s3.rootPath = path }
        if let isUsed = try properties.bool("use_path_style", "s3.use_path_style") { s3.usePathStyle = isUsed }
        let limits = try Limits(&properties)
        if let count = limits.connections { s3.maxConnections = count }
        if let time = limits.requestTimeoutMs { s3.requestTimeoutMs = time }
        if let time = limits.connectTimeoutMs { s3.connectTimeoutMs = time }
        let role = try properties.take("s3.role_arn", "AWS_ROLE_ARN")
        let checks = try properties.bool("s3_validity_check") ?? true
        try properties.end(known)
        return (CreateStorageResourceRequest(name: name, s3: s3, roleARN: role), checks)
    }

    static func alteration(_ given: [SQLProperty]) throws -> (AlterStorageResourceRequest, checks: Bool) {
        var properties = Properties(given)
        var request = AlterStorageResourceRequest()
        if let type = try properties.take("type"), type.lowercased() != "s3" {
            throw SQLError.notSupported("a resource is of type s3")
        }
        request.endpoint = try properties.take("s3.endpoint", "AWS_ENDPOINT")
        request.region = try properties.take("s3.region", "AWS_REGION")
        request.accessKey = try properties.take("s3.access_key", "AWS_ACCESS_KEY")
        request.secretKey = try properties.take("s3.secret_key", "AWS_SECRET_KEY")
        request.sessionToken = try properties.take("s3.session_token", "AWS_TOKEN")
        request.usePathStyle = try properties.bool("use_path_style", "s3.use_path_style")
        for keys in [("s3.bucket", "AWS_BUCKET"), ("s3.root.path", "AWS_ROOT_PATH")]
        where try properties.take(keys.0, keys.1) != nil {
            throw SQLError.notSupported("bucket and path are what a resource is: make another one")
        }
        let limits = try Limits(&properties)
        request.maxConnections = limits.connections
        request.requestTimeoutMs = limits.requestTimeoutMs
        request.connectTimeoutMs = limits.connectTimeoutMs
        request.roleARN = try properties.take("s3.role_arn", "AWS_ROLE_ARN")
        let checks = try properties.bool("s3_validity_check") ?? true
        try properties.end(known)
        return (request, checks)
    }

    private struct Limits {
        var connections: Int32?
        var requestTimeoutMs: Int32?
        var connectTimeoutMs: Int32?

        init(_ properties: inout Properties) throws {
            func small(_ number: Int64?) throws -> Int32? {
                guard let number else { return nil }
                guard let small = Int32(exactly: number) else { throw Properties.wrong("\(number) is too large") }
                return small
            }
            connections = try small(
                try properties.number("s3.max_connections", "s3.connection.maximum", "AWS_MAX_CONNECTIONS"))
            requestTimeoutMs = try small(
                try properties.number(
                    "s3.request_timeout_ms", "s3.connection.request.timeout", "AWS_REQUEST_TIMEOUT_MS"))
            connectTimeoutMs = try small(
                try properties.number("s3.connect_timeout_ms", "s3.connection.timeout", "AWS_CONNECTION_TIMEOUT_MS"))
        }
    }

    private static let known =
        "type, s3.endpoint, s3.region, s3.bucket, s3.root.path, s3.access_key, s3.secret_key, s3.session_token, "
        + "use_path_style, s3.max_connections, s3.request_timeout_ms, s3.connect_timeout_ms and s3_validity_check"
}
