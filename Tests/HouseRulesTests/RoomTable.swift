import Foundation

/// The table under "Rooms" of ARCHITECTURE.md: `| \`Room\` | what it is | \`Import\`, … |`.
struct RoomTable {
    struct Room {
        var name: String
        var sentence: String
        var imports: Set<String>
    }

    let rooms: [Room]

    init(architecture text: String) {
        let section = text.components(separatedBy: "\n## Rooms\n").dropFirst().first?
            .components(separatedBy: "\n## ").first
        rooms = (section ?? "").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 5, let name = Self.names(in: cells[1]).first else { return nil }
            return Room(
                name: name, sentence: cells[2].trimmingCharacters(in: .whitespaces),
                imports: Set(Self.names(in: cells[3])))
        }
    }

    subscript(name: String) -> Room? { rooms.first { $0.name == name } }

    /// What stands between backticks.
    private static func names(in cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
