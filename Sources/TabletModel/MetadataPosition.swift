/// How far an FE's metadata have got: told in heartbeats, remembered by backends. With it an FE finds out that an older copy
/// of its metadata was put back.
public struct MetadataPosition: Hashable, Sendable, CustomStringConvertible {
    /// The epoch in which it was told.
    public var epoch: Int64
    /// Drawn at random when the epoch began: two FEs that went on from one copy have the same epochs, and other lives.
    public var life: Int64
    /// The last journal entry that was durable.
    public var logID: Int64
    /// Ids below this one may have been given out.
    public var idEnd: Int64

    public init(epoch: Int64, life: Int64, logID: Int64, idEnd: Int64) {
        self.epoch = epoch
        self.life = life
        self.logID = logID
        self.idEnd = idEnd
    }

    public var description: String { "epoch \(epoch), log id \(logID)" }

    /// What is remembered after this one was heard.
    /// - Parameter judged: what the FE says it has found to be its own past (`MasterInfo.judgedPosition`). Without that,
    ///   another life's position stays: the FE must see it until a person chose.
    public static func remembered(
        _ known: MetadataPosition?, hearing told: MetadataPosition?, judged: MetadataPosition?
    ) -> MetadataPosition? {
        guard let told else { return known }
        guard let known else { return told }
        if told.epoch == known.epoch, told.life == known.life {
            return MetadataPosition(
                epoch: told.epoch, life: told.life, logID: max(told.logID, known.logID),
                idEnd: max(told.idEnd, known.idEnd))
        }
        return judged == known ? told : known
    }
}
