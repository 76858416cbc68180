import Testing

@testable import PeerKit

@Suite struct SchemaTests {
    @Test func theYearsDifferAsTheContractSays() throws {
        let (old, new) = (WireSchema.january2023, WireSchema.year2026)
        func ids(_ schema: WireSchema, _ name: String) -> Set<Int16> {
            Set(schema.structures[name]?.fields.map(\.id) ?? [])
        }
        #expect(ids(old, "TTabletInfo") == Set(1...19))
        #expect(ids(new, "TTabletInfo") == Set(1...25).subtracting([17, 18]).union([1000]))
        #expect(ids(old, "TMasterInfo") == Set(1...8) && ids(new, "TMasterInfo") == Set(1...14))
        #expect(ids(new, "TAgentTaskRequest") == Set(1...37).subtracting([29]).union([1000]))
        #expect(ids(new, "TTabletMetaInfo").isDisjoint(with: [4, 6, 14]))
        #expect(!ids(new, "TCreateTabletReq").contains(18) && ids(new, "TCreateTabletReq").contains(20))
        #expect(ids(old, "TFinishTaskRequest") == Set(1...16) && ids(new, "TFinishTaskRequest") == Set(1...20))
        #expect(old.structures["TGetStoragePolicy"] != nil && new.structures["TGetStoragePolicy"] == nil)
        #expect(old.method("refreshStoragePolicy", of: "FrontendService") != nil)
        #expect(new.method("refreshStoragePolicy", of: "FrontendService") == nil)
        #expect(new.method("publish_topic_info", of: "BackendService") != nil)
        let codes = try #require(new.enums["TStatusCode"])
        for gone: Int32 in [10, 17, 22, 40, 41, 43, 50, 57] { #expect(!codes.allows(gone)) }
        for kept: Int32 in [3, 6, 8, 31, 32, 33, 34, 35, 36, 37, 39] { #expect(codes.allows(kept)) }
        #expect(old.enums["TTaskType"]?.allows(28) == true && old.enums["TTaskType"]?.allows(29) == false)
    }

    @Test(arguments: PeerYear.allCases)
    func everyStructThatIsReadIsWhole(year: PeerYear) {
        // These are skipped by their types, as an agent may (wire contract, §9).
        let opaque: Set<String> = [
            "TDescriptorTable", "TBrokerScanRange", "TQueryOptions", "TAggregateExpr", "TBoolLiteral", "TCaseExpr",
            "TDateLiteral", "TFloatLiteral", "TIntLiteral", "TInPredicate", "TIsNullPredicate", "TLikePredicate",
            "TLiteralPredicate", "TSlotRef", "TStringLiteral", "TTupleIsNullPredicate", "TInfoFunc",
            "TDecimalLiteral", "TFunctionCallExpr", "TLargeIntLiteral", "TFunction", "TJsonLiteral",
            "TStreamLoadRecord", "THdfsParams", "TopicInfo", "TTabletGcBinlogInfo", "TAlterInvertedIndexReq",
            "TCalcDeleteBitmapRequest",
        ]
        var missing: Set<String> = []
        func look(_ type: WireType) {
            switch type {
            case .structure(let name): if year.schema.structures[name] == nil { missing.insert(name) }
            case .list(let element), .set(let element): look(element)
            case .map(let key, let element):
                look(key)
                look(element)
            default: break
            }
        }
        for structure in year.schema.structures.values { structure.fields.forEach { look($0.type) } }
        for methods in year.schema.services.values {
            for method in methods.values {
                method.arguments.fields.forEach { look($0.type) }
                method.result.map(look)
            }
        }
        #expect(missing.subtracting(opaque).isEmpty)
    }
}
