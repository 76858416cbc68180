/// What may be broken on purpose, to see that the checks of a simulation notice it.
public enum SimulatedFlaw: Hashable, Sendable, CaseIterable {
    /// The log takes appends of whoever comes.
    case logBelievesAnyMaster
    /// A master acts until it is stopped, whatever its lease says.
    case mastersOutliveTheirLeases
    /// An FE that follows answers before it has replayed what was changed through it.
    case followersAnswerAtOnce
}
