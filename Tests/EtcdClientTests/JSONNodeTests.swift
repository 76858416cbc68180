import Testing

@testable import EtcdClient

@Suite struct JSONNodeTests {
    private func parse(_ text: String) throws(JSONError) -> JSONNode { try JSONNode(parsing: Array(text.utf8)) }

    @Test func anAnswerOfEtcd() throws {
        let node = try parse(
            """
            {"header":{"cluster_id":"15875391935852295136","revision":"2"},"more":true,
             "kvs":[{"key":"YQ==","mod_revision":"7","value":"dg==","lease":"-5"}],"count":"1"}
            """)
        #expect(node.revision == 2)
        #expect(node["header"]?["cluster_id"]?.uint64 == 15_875_391_935_852_295_136)
        #expect(node["header"]?["cluster_id"]?.int64 == nil)
        let range = try #require(node.range)
        #expect(range.hasMore)
        #expect(
            range.values == [
                EtcdKeyValue(key: "a", value: Array("v".utf8), createRevision: 0, modifyRevision: 7, leaseID: -5)
            ])
    }

    /// proto3 leaves out what is zero.
    @Test func whatIsLeftOutIsZero() throws {
        let range = try #require(try parse("{}").range)
        #expect(range.values.isEmpty && !range.hasMore && range.revision == 0)
        let answer = try #require(
            try parse(#"{"responses":[{"response_put":{}},{"response_range":{}}]}"#).transactionAnswer)
        #expect(!answer.succeeded && answer.reads == [[], []])
    }

    @Test func escapesAreRead() throws {
        let node = try parse(#"{"error":"a \"b\" \\ \n \u0041\u00e9 \ud800","bytes":"Zm8\u003d"}"#)
        #expect(node["error"]?.string == "a \"b\" \\ \n A\u{e9} \u{FFFD}")
        #expect(node["bytes"]?.bytes == Array("fo".utf8))
    }

    @Test func whatIsNoBase64IsNoKey() throws {
        #expect(try parse(#"{"kvs":[{"key":"?","value":""}]}"#).range == nil)
        #expect(try parse(#"{"kvs":[{"key":"YQ==","value":1}]}"#).range == nil)
    }

    @Test(arguments: [
        "", "{", "{\"a\":1", "{\"a\" 1}", "{a:1}", "[1,]", "[1 2]", "\"open", "\"\\", "tru", "nul", "{} x", "-x",
        "<html>",
        String(repeating: "[", count: 100),
    ])
    func whatIsNoJSONIsRefused(text: String) { #expect(throws: JSONError.self) { try parse(text) } }

    @Test func aRequestReadsAsItWasMeant() throws {
        let transaction = EtcdTransaction(
            compares: [.createRevision("k", 7), .value("t", [1, 2]), .isAbsent("new")],
            success: [.put("k", [0xFF], leaseID: 9), .delete(.prefix("p/"))],
            failure: [.get(EtcdRangeQuery(.range(from: "a", to: "b"), limit: 3, keysOnly: true))])
        let node = try JSONNode(parsing: JSONBody { $0.transaction(transaction) }.bytes)
        #expect(node["compare"]?.elements.map { $0["target"]?.string } == ["CREATE", "VALUE", "CREATE"])
        #expect(node["compare"]?.elements[1]["value"]?.bytes == [1, 2])
        let put = node["success"]?.elements[0]["request_put"]
        #expect(put?["value"]?.bytes == [0xFF] && put?["lease"]?.int64 == 9)
        #expect(node["success"]?.elements[1]["request_delete_range"]?["range_end"]?.bytes == Array("p0".utf8))
        #expect(node["failure"]?.elements[0]["request_range"]?["keys_only"]?.bool == true)
        let text = JSONBody { $0.text("name", "a\"\\\u{1}") }
        #expect(try JSONNode(parsing: text.bytes)["name"]?.string == "a\"\\\u{1}")
    }
}
