internal import ByteText
internal import Checksums
internal import Platform

/// What a PUSH fetched, as the record of its rowset names it: the URL without user, password and query (found B12), and of a
/// query a digest, since Doris' URLs name the file there. Tells one file from another, and no secret.
func recordedSource(_ url: String) -> String {
    let shown = redactedURL(url)
    guard let query = url.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return shown }
    return "\(shown)#\(Hexadecimal.text(XXHash64.hash(Array(url[query...].utf8))))"
}
