import ByteText
import CurlHTTP
import Platform
import ServerFixtures
import Synchronization
import Testing

@testable import S3Store

/// Uploads in parts against a server that fails at one step.
@Suite struct S3MultipartFaultTests {
    /// A server that knows just enough of multipart uploads; `fault` may answer instead.
    final class PartServer: Sendable {
        private let parts = Mutex<[String: [UInt8]]>([:])
        private let complete = Mutex<(size: Int, etag: String)?>(nil)
        private let seen = Mutex<[String: Int]>([:])
        typealias Fault = @Sendable (_ step: String, _ time: Int) -> FaultyAnswer?

        func answer(_ request: ReceivedRequest, _ fault: Fault) -> FaultyAnswer {
            let step = Self.step(request)
            let time = seen.withLock { seen in
                seen[step, default: 0] += 1
                return seen[step]!
            }
            let answer = carryOut(step, request)
            return fault(step, time) ?? answer
        }

        static func step(_ request: ReceivedRequest) -> String {
            if request.query.hasPrefix("partNumber=") { return String(request.query.prefix { $0 != "&" }) }
            if request.query == "uploads=" { return "create" }
            if request.method == "HEAD" { return "head" }
            if request.method == "DELETE" { return request.query.isEmpty ? "delete" : "abort" }
            return "complete"
        }

        private func carryOut(_ step: String, _ request: ReceivedRequest) -> FaultyAnswer {
            switch step {
            case "create":
                return .xml(200, "<InitiateMultipartUpload><UploadId>up 1</UploadId></InitiateMultipartUpload>")
            case "complete":
                let md5s = parts.withLock { $0 }.sorted { $0.key < $1.key }
                let etag = ContentDigest.multipartETag(
                    md5s.map { ContentDigest(of: $0.value, md5: true, sha256: false).md5! })
                complete.withLock { $0 = (md5s.reduce(0) { $0 + $1.value.count }, etag) }
                return .xml(200, "<R><ETag>&quot;\(etag)&quot;</ETag></R>")
            case "head":
                guard let object = complete.withLock({ $0 }) else { return .respond(status: 404) }
                return .respond(
                    status: 200, headers: ["Content-Length": String(object.size), "ETag": "\"\(object.etag)\""])
            case "delete", "abort": return .respond(status: 204)
            default:
                parts.withLock { $0[step] = request.body }
                let md5 = ContentDigest(of: request.body, md5: true, sha256: false).md5!
                return .respond(status: 200, headers: ["ETag": "\"\(Hexadecimal.text(md5))\""])
            }
        }
    }

    private static let bytes = S3Fixture.pattern((17 << 20) + 5)

    private func upload(
        _ fault: @escaping PartServer.Fault
    ) throws -> (error: ObjectStoreError?, steps: [String], pauses: Int) {
        let parts = PartServer()
        let server = try FaultyHTTPServer { parts.answer($0, fault) }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 3)))
        let error = try S3Fixture.failure {
            let attributes = try fixture.store.put("k", from: BytesSource(Self.bytes))
            #expect(attributes.sizeBytes == Int64(Self.bytes.count))
        }
        return (error, server.requests.map { PartServer.step($0) }, fixture.pause.pauses.count)
    }

    @Test func fourPartsOneCompletionAndACheck() throws {
        let (error, steps, pauses) = try upload { _, _ in nil }
        #expect(error == nil)
        #expect(steps.first == "create")
        #expect(Set(steps[1...4]) == ["partNumber=1", "partNumber=2", "partNumber=3", "partNumber=4"])
        #expect(steps[5...] == ["complete", "head"])
        #expect(pauses == 0)
    }

    @Test func aPartThatFailsOnceIsSentAgain() throws {
        let (error, steps, pauses) = try upload { step, time in
            guard step == "partNumber=2", time <= 2 else { return nil }
            return time == 1 ? .s3Error(500, "InternalError") : .reset
        }
        #expect(error == nil)
        #expect(steps.filter { $0 == "partNumber=2" }.count == 3)
        #expect(steps.filter { $0 == "partNumber=1" }.count == 1)
        #expect(pauses == 2)
    }

    @Test func aPartThatFailsForGoodAbortsTheUpload() throws {
        let (error, steps, _) = try upload { step, _ in step == "partNumber=2" ? .s3Error(503, "SlowDown") : nil }
        #expect(error?.code == .throttled)
        #expect(steps.contains("abort") && !steps.contains("complete"))
    }

    @Test func aRefusedPartAbortsAtOnce() throws {
        let (error, steps, pauses) = try upload { step, _ in
            step == "partNumber=1" ? .s3Error(403, "AccessDenied") : nil
        }
        #expect(error?.code == .accessDenied)
        #expect(pauses == 0)
        // A part that was cancelled for it may be heard by the server after the abort.
        #expect(steps.contains("abort") && !steps.contains("complete"))
    }

    @Test func anErrorInsideA200CompletionIsTriedAgain() throws {
        let (error, steps, _) = try upload { step, time in
            step == "complete" && time == 1 ? .s3Error(200, "InternalError", "we met a problem") : nil
        }
        #expect(error == nil)
        #expect(steps.filter { $0 == "complete" }.count == 2)
    }

    @Test func aCompletionWhoseAnswerWasLostIsRecognised() throws {
        let (error, steps, _) = try upload { step, time in
            guard step == "complete" else { return nil }
            return time == 1 ? .reset : .s3Error(404, "NoSuchUpload")
        }
        #expect(error == nil)
        #expect(steps.last == "head")
    }

    @Test func anAnswerWithoutAnUploadIDIsAnError() throws {
        let (error, steps, _) = try upload { step, _ in step == "create" ? .xml(200, "<R/>") : nil }
        #expect(error?.code == .other)
        #expect(steps == ["create"])
    }
}
