internal import ByteText
internal import EtcdClient

/// Where an FE cluster's things lie in etcd: below a prefix of its own.
///
///     {prefix}/cluster             which cluster this is (`EtcdClusterMark`)
///     {prefix}/leader              who is master, under a lease; its creation revision is the fence of all he writes
///     {prefix}/log/{first log id}  a batch of the edit log (`LogBatch`), 16 hex digits
///     {prefix}/log/tail            log id of the last entry, its term and a count, 16 hex digits each, a space between: never twice the same
///     {prefix}/log/truncated       log id up to which entries were dropped since images cover them, 16 hex digits
struct EtcdLogLayout: Hashable, Sendable {
    let cluster: String
    let leader: String
    /// Of everything of the log.
    let log: String
    let tail: String
    let truncated: String
    /// Behind all batches, and before the words.
    private let batchesEnd: String

    /// - Parameter prefix: without a slash at its end.
    init(prefix: String) {
        cluster = prefix + "/cluster"
        leader = prefix + "/leader"
        log = prefix + "/log/"
        tail = log + "tail"
        truncated = log + "truncated"
        batchesEnd = log + "g"
    }

    func batch(_ first: Int64) -> String { log + Self.text(first) }

    /// Keys of batches whose first entry is in the range; nil: to the end.
    func batches(from first: Int64, before end: Int64? = nil) -> EtcdKeyRange {
        .range(from: batch(first), to: end.map(batch) ?? batchesEnd)
    }

    /// nil: not a batch's key.
    func first(of key: String) -> Int64? {
        guard key.hasPrefix(log) else { return nil }
        return Self.number(Array(key.utf8.dropFirst(log.utf8.count)))
    }

    /// A log id as a key and a value have it: the order of the texts is that of the numbers.
    static func text(_ logID: Int64) -> String { Hexadecimal.text(UInt64(max(0, logID))) }

    /// What the tail says. - Parameter serial: no two of a term are alike.
    static func tail(_ logID: Int64, term: Int64, serial: UInt64) -> [UInt8] {
        Array([text(logID), text(term), Hexadecimal.text(serial)].joined(separator: " ").utf8)
    }

    /// nil: it is no tail. Older builds wrote the log id alone.
    static func tail(_ value: [UInt8]) -> Int64? {
        guard value.count == 16 || (value.count == 50 && value[16] == UInt8(ascii: " ")) else { return nil }
        return number(Array(value.prefix(16)))
    }

    static func number(_ text: [UInt8]) -> Int64? {
        guard text.count == 16 else { return nil }
        var number: UInt64 = 0
        for digit in text {
            guard let value = Hexadecimal.value(digit) else { return nil }
            number = number << 4 | UInt64(value)
        }
        return Int64(exactly: number)
    }
}
