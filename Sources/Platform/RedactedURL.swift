/// A URL as it may stand in an error, a log or an answer: without user, password and query, where keys and tokens are. The one
/// place that decides so; whatever puts a URL into a text asks here (found B12).
public func redactedURL(_ url: String) -> String {
    var kept = url[...]
    if let query = kept.firstIndex(where: { $0 == "?" || $0 == "#" }) { kept = kept[..<query] }
    guard let scheme = kept.firstRange(of: "://") else { return String(kept) }
    let afterScheme = kept[scheme.upperBound...]
    let authorityEnd = afterScheme.firstIndex(of: "/") ?? afterScheme.endIndex
    // The last @ of the authority: a password may hold one.
    guard let at = afterScheme[..<authorityEnd].lastIndex(of: "@") else { return String(kept) }
    return String(kept[..<scheme.upperBound]) + String(kept[kept.index(after: at)...])
}
