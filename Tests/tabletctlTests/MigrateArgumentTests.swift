import Testing

@testable import tabletctl

@Suite struct MigrateArgumentTests {
    @Test(arguments: [
        ("10002:/data2/be", "10002", "/data2/be"), ("be1:9050:/d", "be1:9050", "/d"), ("1:/", "1", "/"),
        ("1:/mit leerraum/データ", "1", "/mit leerraum/データ"), ("1:/a:/b", "1", "/a:/b"),
    ])
    func aPlaceIsABackendAndAPath(text: String, backend: String, path: String) throws {
        let place = try #require(DirArgument(argument: text))
        #expect(place.backend == backend && place.path == path)
    }

    @Test(arguments: ["", ":/d", "10002", "10002:", "10002:d", "/d", "be1:9050"])
    func anythingElseIsNone(text: String) { #expect(DirArgument(argument: text) == nil) }
}
