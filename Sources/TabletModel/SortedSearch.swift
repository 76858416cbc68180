extension RandomAccessCollection {
    /// The first index whose element does not belong before what is looked for; those that do come first. O(log n).
    @inlinable
    public func partitionPoint(_ belongsBefore: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = self.count
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if belongsBefore(self[middle]) {
                low = index(after: middle)
                count -= half + 1
            } else {
                count = half
            }
        }
        return low
    }
}

extension RandomAccessCollection where Element: Comparable {
    /// Where the element is, or would be; the collection ascends.
    @inlinable
    public func lowerBound(of element: Element) -> Index { partitionPoint { $0 < element } }

    /// The collection ascends.
    @inlinable
    public func containsSorted(_ element: Element) -> Bool {
        let place = lowerBound(of: element)
        return place < endIndex && self[place] == element
    }
}
