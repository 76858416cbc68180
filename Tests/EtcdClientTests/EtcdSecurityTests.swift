import CurlHTTP
import EtcdClient
import ServerFixtures
import Testing

/// TLS, and users.
@Suite struct EtcdSecurityTests {
    private static let put = EtcdTransaction(compares: [], success: [.put("k", [1])])

    @Test func certificatesProveBothSides() throws {
        let folder = try TemporaryFolder()
        let certificate = try ServerCertificate.make(in: folder)
        let etcd = try EtcdServers(certificate: certificate)
        var settings = EtcdSettings(endpoints: etcd.endpoints, deadline: .seconds(5))
        settings.caFile = certificate.certificateFile
        settings.certificateFile = certificate.certificateFile
        settings.keyFile = certificate.keyFile
        #expect(try EtcdClient(settings).transaction(Self.put).succeeded)
        // Who proves nothing is not served, and who is not proven to is not served by us.
        for missing in [\EtcdSettings.certificateFile, \.caFile] {
            var settings = settings
            settings[keyPath: missing] = nil
            settings.deadline = .milliseconds(300)
            let error = #expect(throws: EtcdError.self) { try EtcdClient(settings).transaction(Self.put) }
            #expect(error?.code == .unavailable)
        }
    }

    @Test func aUserProvesItselfAndItsTokenIsRenewed() throws {
        let etcd = try EtcdServers()
        let http = try HTTPClient()
        func post(_ path: String, _ body: String) throws {
            let answer = try http.execute(
                HTTPRequest(.post, etcd.endpoints[0] + "/v3/auth/" + path, body: .bytes(Array(body.utf8))))
            #expect(answer.isSuccess, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        let settings = EtcdSettings(endpoints: etcd.endpoints, user: "root", password: "r\"oo\\t")
        // Users are not switched on yet: a password does no harm.
        let client = try EtcdClient(settings)
        #expect(try client.transaction(Self.put).succeeded)
        try post("user/add", #"{"name":"root","password":"r\"oo\\t"}"#)
        try post("role/add", #"{"name":"root"}"#)
        try post("user/grant", #"{"user":"root","role":"root"}"#)
        try post("user/add", #"{"name":"guest","password":"g"}"#)
        try post("enable", "{}")
        #expect(try client.transaction(Self.put).succeeded)
        let watch = try client.watch(.key("k"), from: 1)
        #expect(try watch.next(upTo: .seconds(10))?.events.isEmpty == false)

        for (user, password) in [(nil, nil), ("root", "wrong"), ("guest", "g"), ("nobody", "n")] as [(String?, String?)]
        {
            var settings = settings
            (settings.user, settings.password) = (user, password)
            let error = #expect(throws: EtcdError.self) { try EtcdClient(settings).transaction(Self.put) }
            #expect(error?.code == .notAuthorized && error?.isOutcomeUnknown == false, "\(user ?? "-"): \("\(error!)")")
        }
        // Its tokens are in its memory.
        etcd.kill(0)
        try etcd.startAgain(0)
        #expect(try client.transaction(Self.put, deadline: .seconds(10)).succeeded)
    }
}
