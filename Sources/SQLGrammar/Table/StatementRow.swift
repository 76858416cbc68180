/// One kind of statement: how it is written, what it does, and who may ask for it.
public struct StatementRow: Sendable {
    /// The chapter it stands in.
    public enum Topic: String, Hashable, Sendable, CaseIterable {
        case tables = "Databases and tables"
        case rows = "Rows"
        case storage = "Object storage"
        case cluster = "The cluster"
        case administration = "Administration"
        case users = "Users"
        case connection = "The connection"
    }

    typealias Parse = @Sendable (inout SQLParser) throws(SQLSyntaxError) -> SQLStatement

    /// How HELP calls it; unique.
    public var name: String
    public var topic: Topic
    public var syntax: String
    /// What it does, in a sentence or some.
    public var summary: String
    public var right: StatementRight
    /// A statement of this row.
    public var example: String
    /// By which words it is known.
    var leads: [Lead]
    /// Goes on behind these words.
    var parse: Parse

    init(
        _ name: String, _ topic: Topic, _ right: StatementRight, leads: String..., syntax: String, summary: String,
        example: String, parse: @escaping Parse
    ) {
        self.name = name
        self.topic = topic
        self.right = right
        self.leads = leads.map(Lead.init)
        self.syntax = syntax
        self.summary = summary
        self.example = example
        self.parse = parse
    }
}

/// The first words of a statement: keywords in capitals, `*` for a name of one or two parts, and `…` for anything up to the word
/// behind it, which is only looked for.
struct Lead: Sendable {
    enum Part: Hashable, Sendable {
        case word(String)
        case name
    }

    var parts: [Part]
    var soughtWord: String?

    init(_ text: String) {
        let sides = text.split(separator: "…")
        parts = sides[0].split(separator: " ").map { $0 == "*" ? .name : .word(String($0)) }
        soughtWord = sides.count > 1 ? sides[1].split(separator: " ").first.map(String.init) : nil
    }

    /// The words alone.
    var words: [String] { parts.compactMap { if case .word(let word) = $0 { word } else { nil } } }
}
