internal import ClusterTestKit
internal import Platform
internal import Synchronization

/// What is wrong with the object store now, for every backend.
public struct ObjectStoreTrouble: Hashable, Sendable {
    /// One call in so many is refused and does nothing.
    public var refusesOneIn: UInt64?
    /// One call in so many takes effect, and its caller hears of a broken connection.
    public var losesAnswerOneIn: UInt64?
    /// A call takes up to this long.
    public var takesUpTo: Duration?

    public init(refusesOneIn: UInt64? = nil, losesAnswerOneIn: UInt64? = nil, takesUpTo: Duration? = nil) {
        self.refusesOneIn = refusesOneIn
        self.losesAnswerOneIn = losesAnswerOneIn
        self.takesUpTo = takesUpTo
    }
}

/// The trouble of the moment. Looks from outside meet none.
final class ObjectStoreWeather: Sendable {
    private let trouble = Mutex<ObjectStoreTrouble?>(nil)
    private let random: SeededRandom
    private let interleaving: Interleaving
    private let observation: Observation

    init(random: SeededRandom, interleaving: Interleaving, observation: Observation) {
        self.random = random.fork("object store")
        self.interleaving = interleaving
        self.observation = observation
    }

    func set(_ trouble: ObjectStoreTrouble?) { self.trouble.withLock { $0 = trouble } }

    func meet<Result>(_ operation: String, _ key: String, _ body: () throws -> Result) throws -> Result {
        guard let trouble = trouble.withLock({ $0 }), !observation.isUnderWay else { return try body() }
        if let limit = trouble.takesUpTo { interleaving.letTimePass(upTo: limit) }
        if let n = trouble.refusesOneIn, random.oneIn(n) {
            throw ObjectStoreError(
                .unavailable, operation: operation, key: key, httpStatus: 503, message: "slow down", isRetryable: true)
        }
        let result = try body()
        if let n = trouble.losesAnswerOneIn, random.oneIn(n) {
            throw ObjectStoreError(
                .network, operation: operation, key: key, message: "the connection broke before the answer",
                isRetryable: true)
        }
        return result
    }
}

/// An object store in that weather.
struct WeatheredObjectStore: ObjectStore {
    let base: any ObjectStore
    let weather: ObjectStoreWeather

    @discardableResult
    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        try weather.meet("put", key) { try base.put(key, from: source) }
    }

    func get(_ key: String, range: Range<Int64>) throws -> [UInt8] {
        try weather.meet("get", key) { try base.get(key, range: range) }
    }

    func head(_ key: String) throws -> ObjectAttributes? { try weather.meet("head", key) { try base.head(key) } }

    func delete(_ keys: [String]) throws {
        try weather.meet("delete", keys.first ?? "") { try base.delete(keys) }
    }

    func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try weather.meet("list", prefix) { try base.list(prefix: prefix, continuation: continuation) }
    }
}
