/// A small S3 server in memory whose habits can be changed while it runs: what servers of other makers do, and what S3's own
/// features demand. It believes any signature, and takes the first path segment of a key for the bucket.
public final class ScriptedS3Server: Sendable {
    public enum Habit: Hashable, Sendable {
        /// PutObject, or UploadPart, without `Content-MD5` is refused, as with object lock.
        case demandsMD5OfObjects, demandsMD5OfParts
        /// ETags are random hex digits of the length of an MD5.
        case randomObjectETags, randomPartETags, randomCompletionETags
        /// HEAD answers the plain MD5 of an object that was made of parts, as `rclone serve s3` does.
        case plainETagAtHead
        case noLengthAtHead
        case ignoresRanges
        /// One byte of each object, or part, is changed; `Content-MD5` is not looked at.
        case corruptsObjects, corruptsParts
        case knowsNoBatches
        case hasNoBucket
    }

    private let memory: ScriptedS3Memory
    private let http: FaultyHTTPServer

    public init(_ habits: Set<Habit> = []) throws {
        let memory = ScriptedS3Memory(habits)
        self.memory = memory
        http = try FaultyHTTPServer(bodyLimitBytes: 256 << 20) { memory.answer($0) }
    }

    public var endpoint: String { http.endpoint }
    public var requests: [ReceivedRequest] { http.requests }

    public var habits: Set<Habit> {
        get { memory.habits }
        set { memory.habits = newValue }
    }

    /// Keys of the complete objects, sorted.
    public var keys: [String] { memory.keys }
    public func bytes(of key: String) -> [UInt8]? { memory.bytes(of: key) }

    public func stop() { http.stop() }
}
