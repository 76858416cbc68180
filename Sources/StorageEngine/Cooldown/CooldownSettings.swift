/// Settings of the cooldown. Validated by whoever parses the configuration.
public struct CooldownSettings: Sendable {
    /// Rowsets that one run uploads before it writes the remote meta and lets others have their turn.
    public var rowsetsPerRun = 16
    /// A follower with nothing due of its own, and whose conf has not changed, still looks at the remote meta this often.
    public var followRecheck: Duration = .seconds(1800)
    /// Where the remote prefix ends inside a rowset of a follower, the rows beyond the end are written anew. So many bytes of
    /// them are written at once; for more the uploader is given `followPatience` to go on past the rowset's end.
    public var smallTailBytes: Int64 = 16 << 20
    public var followPatience: Duration = .seconds(300)
    /// How much one read of a cold segment fetches when the whole segment is wanted.
    public var readAheadBytes = 1 << 20
    /// Keys in one delete call; S3 takes at most 1000.
    public var deleteBatch = 1000
    /// A larger remote meta is refused before memory is taken for it.
    public var maxRemoteMetaBytes: Int64 = 64 << 20

    public init() {}
}
