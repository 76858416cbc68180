import Foundation

/// The label of a load that was given none: the file's name as far as a label may hold it, and the time.
enum MadeLabel {
    /// A label has 1 to 128 printable ASCII bytes without / and blank (`TableRequestCheck` of the FE).
    private static let nameLimit = 100

    static func text(file: String, milliseconds: Int64) -> String {
        let name = file == "-" ? "stdin" : URL(fileURLWithPath: file).lastPathComponent
        let kept = name.unicodeScalars.prefix(nameLimit).map { scalar in
            scalar.value > 32 && scalar.value < 127 && scalar != "/" ? Character(scalar) : "_"
        }
        return "\(String(kept))-\(milliseconds)"
    }
}
