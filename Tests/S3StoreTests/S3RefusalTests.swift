import CurlHTTP
import Platform
import ServerFixtures
import Testing

@testable import S3Store

/// What a refused HEAD means, which has no body to say so (found B8, B9).
@Suite struct S3RefusalTests {
    /// HEAD is answered bare, GET and list as an S3 server does.
    private func refusal(
        head: Int = 403, get: FaultyAnswer, list: FaultyAnswer = .s3Error(403, "AccessDenied", "Access Denied")
    ) throws -> (error: ObjectStoreError?, requests: Int) {
        let server = try FaultyHTTPServer { request in
            if request.method == "HEAD" { return .respond(status: head) }
            return request.query.contains("list-type") ? list : get
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let error = try S3Fixture.failure { _ = try fixture.store.head("data/1/x.dat") }
        return (error, server.requests.count)
    }

    @Test(
        arguments: [
            (403, "SignatureDoesNotMatch", "check the secret key"), (403, "InvalidAccessKeyId", "check the access key"),
            (403, "RequestTimeTooSkewed", "set it by NTP"), (400, "ExpiredToken", "session token has expired"),
            (400, "AuthorizationHeaderMalformed", "check endpoint and region"),
            (301, "PermanentRedirect", "check endpoint and region"),
        ])
    func theReasonIsAskedForOnceByGet(status: Int, code: String, hint: String) throws {
        let (error, requests) = try refusal(head: status, get: .s3Error(status, code, "no"))
        #expect(error?.operation == "HeadObject")
        #expect(error?.message.contains(code) == true && error?.message.contains(hint) == true)
        #expect(requests == 2)
    }

    @Test func aMissingPermissionIsNamed() throws {
        let denied = FaultyAnswer.s3Error(403, "AccessDenied", "Access Denied")
        let (noList, requests) = try refusal(get: denied)
        #expect(noList?.code == .accessDenied && noList?.message.contains("s3:ListBucket") == true)
        #expect(requests == 3)
        let empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
        let (noGet, _) = try refusal(get: denied, list: .respond(status: 200, body: Array(empty.utf8)))
        #expect(noGet?.message.contains("s3:GetObject") == true && noGet?.message.contains("ListBucket") == false)
    }

    @Test func plainHTTPToATLSPortIsToldAsThat() throws {
        let text = "Client sent an HTTP request to an HTTPS server.\n"
        let (error, _) = try refusal(head: 400, get: .respond(status: 400, body: Array(text.utf8)))
        #expect(error?.message.contains("https://") == true)
    }

    @Test func aBareRefusalOfBothStaysWhatItWas() throws {
        let (error, _) = try refusal(get: .respond(status: 403))
        #expect(error?.code == .accessDenied && error?.httpStatus == 403)
    }
}
