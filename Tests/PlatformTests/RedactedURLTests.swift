import Platform
import Testing

@Suite struct RedactedURLTests {
    /// found B12
    @Test(arguments: [
        ("http://fe:8030/api/_load_file/7/9?token=hush", "http://fe:8030/api/_load_file/7/9"),
        ("http://u:hush@h:1/p#token=hush", "http://h:1/p"), ("http://h/a@b", "http://h/a@b"), ("plain", "plain"),
        ("http://u:hu@sh@h", "http://h"),
    ])
    func anErrorShowsAnAddressWithoutItsSecrets(url: String, shown: String) {
        #expect(redactedURL(url) == shown)
        let error = HTTPFetchError(url: url, httpStatus: 403, message: "refused", isRetryable: false)
        #expect(error.url == shown && !"\(error)".contains("hush"))
        #expect(!String(reflecting: error).contains("hush"))
    }
}
