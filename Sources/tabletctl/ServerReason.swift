import Foundation

/// The reason in an answer that is not of the API's error form: a view with a message, or some server's text.
enum ServerReason {
    private static let limit = 500

    /// `: reason`, in one line; empty when the body says nothing.
    static func text(_ body: [UInt8]) -> String {
        struct WithMessage: Decodable { var message: String }
        let said =
            (try? JSONDecoder().decode(WithMessage.self, from: Data(body)))?.message
            ?? String(decoding: body.prefix(4 * limit), as: UTF8.self)
        let words = said.split { $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 32 || $0.value == 127 } }
        let line = words.joined(separator: " ")
        guard !line.isEmpty else { return "" }
        return ": " + (line.count > limit ? String(line.prefix(limit)) + "…" : line)
    }
}
