internal import ByteText
internal import Crypto
public import TabletModel

/// What a reader shows a backend to get the rows of one tablet at one version, for some minutes: the FE signs it with the
/// cluster's secret, after it has looked who reads. Whoever sees it can read what it names until it ends, and nothing else.
public enum RowToken {
    /// How long one is good. A read that has begun goes on for as long as it takes.
    public static let lifetime = Duration.seconds(900)

    /// - Parameter version: nil: the newest, whichever it is.
    public static func make(tablet: TabletID, version: Version?, until: UnixTime, secret: String) -> String {
        let end = until.milliseconds / 1000
        return "\(end)." + Hexadecimal.text(signature(tablet, version, end, secret))
    }

    /// Why it is not good; nil: it is.
    public static func refusal(
        _ token: String, tablet: TabletID, version: Version?, now: UnixTime, secret: String
    ) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let end = Int64(parts[0]), let shown = Hexadecimal.bytes(parts[1]),
            isEqual(shown, signature(tablet, version, end, secret))
        else { return "the token is not one for tablet \(tablet) at this version; read by a plan of the frontend" }
        guard now.milliseconds / 1000 <= end else { return "the token has ended; ask the frontend for a new plan" }
        return nil
    }

    private static func signature(_ tablet: TabletID, _ version: Version?, _ end: Int64, _ secret: String) -> [UInt8] {
        let text = "rows/1 \(tablet.rawValue) \(version.map { "\($0.rawValue)" } ?? "-") \(end)"
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(text.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return Array(code)
    }
}
