extension Int64 {
    /// The sum, or the nearest number there is: what backends say is added up without trust.
    public func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
