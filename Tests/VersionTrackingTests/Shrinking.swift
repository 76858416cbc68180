/// The items that a failure needs: drops long runs first, then shorter ones, then single items, as long as what is left
/// still fails. Taking away any one of the result makes the failure go away.
/// - Precondition: `items` fails.
func shrunk<Item>(_ items: [Item], fails: ([Item]) -> Bool) -> [Item] {
    var kept = items
    var length = max(1, kept.count / 2)
    while true {
        var dropped = false
        var start = 0
        while start < kept.count {
            let candidate = Array(kept[..<start] + kept[min(start + length, kept.count)...])
            if fails(candidate) {
                kept = candidate
                dropped = true
            } else {
                start += length
            }
        }
        // A dropped item may have been what kept another from going.
        if length == 1 && !dropped { return kept }
        if !dropped || length > kept.count { length = max(1, length / 2) }
    }
}
