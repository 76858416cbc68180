internal import ClusterTestKit
internal import HTTPAPI
internal import Platform

/// The columns that the FE said the table has, and those that a change which it was told of would make. A change that was
/// seen to be done stays done.
public struct ColumnBook: Sendable {
    public private(set) var columns = SampleRows.columns
    private var asked: [String]?
    /// Names are never given twice: by them alone is told what a row has in a column.
    private var added = 0

    /// A random change, and what becomes of the columns by it.
    mutating func choose(_ random: SeededRandom) -> (request: AlterTableRequest, columns: [String]) {
        let free = columns.filter { !["k", "row"].contains($0) }
        switch random.next(below: 4) {
        case 0 where !free.isEmpty:
            let gone = free[Int(random.next(below: UInt64(free.count)))]
            return (AlterTableRequest(action: .dropColumn, column: gone), columns.filter { $0 != gone })
        case 1:
            // The same one is refused: there is more than one column at all times.
            let order = Array(columns.dropFirst()) + [columns[0]]
            return (AlterTableRequest(action: .orderColumns, order: order), order)
        default:
            added += 1
            let name = "c\(added)"
            let place = Int(random.next(below: UInt64(columns.count + 1)))
            var request = AlterTableRequest(
                action: .addColumn, column: name, defaultValue: SampleRows.defaultValue(of: name))
            if place == 0 { request.isFirst = true } else { request.after = columns[place - 1] }
            var all = columns
            all.insert(name, at: place)
            return (request, all)
        }
    }

    mutating func ask(for columns: [String]) { asked = columns }

    /// Takes in the columns that the FE shows. - Parameter isSettled: whatever it was told is done or will never be.
    /// - Returns: what is wrong with them.
    mutating func see(_ seen: [String], isSettled: Bool) -> String? {
        if let asked, seen == asked { columns = asked }
        if isSettled || seen == asked { asked = nil }
        guard seen != columns else { return nil }
        return "the table has columns \(seen), and should have \(columns)"
    }
}
