internal import ByteText
internal import Crypto
internal import Foundation
internal import Synchronization

/// What a `ScriptedS3Server` holds, and how it answers.
final class ScriptedS3Memory: Sendable {
    typealias Habit = ScriptedS3Server.Habit

    private struct Object {
        var bytes: [UInt8]
        var etag: String
        var isMadeOfParts = false
    }

    private struct State {
        var habits: Set<Habit>
        var objects: [String: Object] = [:]
        var uploads: [String: [Int: [UInt8]]] = [:]
        var uploadsBegun = 0
    }

    private let state: Mutex<State>

    init(_ habits: Set<Habit>) { state = Mutex(State(habits: habits)) }

    var habits: Set<Habit> {
        get { state.withLock { $0.habits } }
        set { state.withLock { $0.habits = newValue } }
    }
    var keys: [String] { state.withLock { $0.objects.keys.sorted() } }
    func bytes(of key: String) -> [UInt8]? { state.withLock { $0.objects[key]?.bytes } }

    func answer(_ request: ReceivedRequest) -> FaultyAnswer {
        let path = (request.path.removingPercentEncoding ?? "").dropFirst()
        let key = path.firstIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? ""
        var query: [String: String] = [:]
        for item in URLComponents(string: request.target)?.queryItems ?? [] { query[item.name] = item.value ?? "" }
        return state.withLock { state in
            guard !state.habits.contains(.hasNoBucket) else {
                return request.method == "HEAD" ? .respond(status: 404) : .s3Error(404, "NoSuchBucket")
            }
            return key.isEmpty
                ? Self.bucket(request, query, &state)
                : query["uploadId"] != nil || query["uploads"] != nil
                    ? Self.parts(request, key, query, &state) : Self.object(request, key, &state)
        }
    }

    // MARK: objects

    private static func object(_ request: ReceivedRequest, _ key: String, _ state: inout State) -> FaultyAnswer {
        switch request.method {
        case "PUT":
            if let refusal = refusal(request, demands: .demandsMD5OfObjects, corrupts: .corruptsObjects, state) {
                return refusal
            }
            let etag = state.habits.contains(.randomObjectETags) ? random() : md5(request.body)
            let bytes = state.habits.contains(.corruptsObjects) ? corrupted(request.body) : request.body
            state.objects[key] = Object(
                bytes: bytes, etag: state.habits.contains(.corruptsObjects) ? md5(bytes) : etag)
            return .respond(status: 200, headers: ["ETag": "\"\(state.objects[key]!.etag)\""])
        case "HEAD":
            guard let object = state.objects[key] else { return .respond(status: 404) }
            let plain = state.habits.contains(.plainETagAtHead) && object.isMadeOfParts
            let etag = plain ? md5(object.bytes) : object.etag
            guard !state.habits.contains(.noLengthAtHead) else {
                return .raw(Array("HTTP/1.1 200 OK\r\nETag: \"\(etag)\"\r\nConnection: close\r\n\r\n".utf8))
            }
            return .respond(
                status: 200, headers: ["Content-Length": "\(object.bytes.count)", "ETag": "\"\(etag)\""])
        case "GET":
            guard let object = state.objects[key] else { return .s3Error(404, "NoSuchKey") }
            return read(object, request.headers["range"], ignoresRanges: state.habits.contains(.ignoresRanges))
        case "DELETE":
            state.objects[key] = nil
            return .respond(status: 204)
        default: return .s3Error(501, "NotImplemented")
        }
    }

    private static func read(_ object: Object, _ range: String?, ignoresRanges: Bool) -> FaultyAnswer {
        let total = object.bytes.count
        let ends = range.map { $0.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) } } ?? []
        guard !ignoresRanges, let first = ends.first else { return .respond(status: 200, body: object.bytes) }
        guard first < total else { return .s3Error(416, "InvalidRange") }
        let last = min(ends.count > 1 ? ends[1] : total - 1, total - 1)
        return .respond(
            status: 206, headers: ["Content-Range": "bytes \(first)-\(last)/\(total)"],
            body: Array(object.bytes[first...last]))
    }

    /// `Content-MD5` is demanded where the habits say so, and must be right unless they say otherwise.
    private static func refusal(
        _ request: ReceivedRequest, demands: Habit, corrupts: Habit, _ state: State
    ) -> FaultyAnswer? {
        guard let declared = request.headers["content-md5"] else {
            guard state.habits.contains(demands) else { return nil }
            return .s3Error(
                400, "InvalidRequest",
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put requests with Object Lock parameters")
        }
        let isRight = declared == Data(Insecure.MD5.hash(data: request.body)).base64EncodedString()
        return isRight || state.habits.contains(corrupts) ? nil : .s3Error(400, "BadDigest")
    }

    // MARK: uploads in parts

    private static func parts(
        _ request: ReceivedRequest, _ key: String, _ query: [String: String], _ state: inout State
    ) -> FaultyAnswer {
        guard let upload = query["uploadId"] else {
            state.uploadsBegun += 1
            state.uploads["upload-\(state.uploadsBegun)"] = [:]
            return .xml(200, "<R><UploadId>upload-\(state.uploadsBegun)</UploadId></R>")
        }
        guard let parts = state.uploads[upload] else { return .s3Error(404, "NoSuchUpload") }
        switch request.method {
        case "PUT":
            if let refusal = refusal(request, demands: .demandsMD5OfParts, corrupts: .corruptsParts, state) {
                return refusal
            }
            let bytes = state.habits.contains(.corruptsParts) ? corrupted(request.body) : request.body
            state.uploads[upload]?[Int(query["partNumber"] ?? "") ?? 0] = bytes
            let etag = state.habits.contains(.randomPartETags) ? random() : md5(bytes)
            return .respond(status: 200, headers: ["ETag": "\"\(etag)\""])
        case "POST":
            let pieces = parts.sorted { $0.key < $1.key }.map(\.value)
            let digests = pieces.flatMap { Array(Insecure.MD5.hash(data: $0)) }
            let hash = state.habits.contains(.randomCompletionETags) ? random() : md5(digests)
            let object = Object(bytes: pieces.flatMap { $0 }, etag: "\(hash)-\(pieces.count)", isMadeOfParts: true)
            state.objects[key] = object
            state.uploads[upload] = nil
            return .xml(200, "<R><ETag>&quot;\(object.etag)&quot;</ETag></R>")
        default:
            state.uploads[upload] = nil
            return .respond(status: 204)
        }
    }

    // MARK: the bucket

    private static func bucket(
        _ request: ReceivedRequest, _ query: [String: String], _ state: inout State
    ) -> FaultyAnswer {
        switch request.method {
        case "HEAD": return .respond(status: 200)
        case "GET":
            let found = state.objects.filter { $0.key.hasPrefix(query["prefix"] ?? "") }.sorted { $0.key < $1.key }
            let entries = found.map {
                "<Contents><Key>\($0.key)</Key><Size>\($0.value.bytes.count)</Size></Contents>"
            }
            return .xml(200, "<ListBucketResult>\(entries.joined())</ListBucketResult>")
        case "POST" where query["delete"] != nil:
            guard !state.habits.contains(.knowsNoBatches) else { return .s3Error(400, "InvalidArgument") }
            for key in keys(in: request.body) { state.objects[key] = nil }
            return .xml(200, "<DeleteResult></DeleteResult>")
        default: return .s3Error(501, "NotImplemented")
        }
    }

    private static func keys(in body: [UInt8]) -> [String] {
        String(decoding: body, as: UTF8.self).components(separatedBy: "<Key>").dropFirst().map {
            String($0.prefix { $0 != "<" })
        }
    }

    // MARK: bytes

    private static func md5(_ bytes: [UInt8]) -> String { Hexadecimal.text(Insecure.MD5.hash(data: bytes)) }

    private static func random() -> String { Hexadecimal.text((0..<16).map { _ in UInt8.random(in: 0...255) }) }

    private static func corrupted(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if let first = bytes.indices.first { bytes[first] ^= 0x40 }
        return bytes
    }
}
