internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

/// Properties of a storage policy.
enum PolicyProperties {
    static func creation(_ name: String, _ given: [SQLProperty]) throws -> CreateStoragePolicyRequest {
        var properties = Properties(given)
        let resource = try properties.require("storage_resource")
        let times = try times(&properties)
        try properties.end("storage_resource, cooldown_ttl and cooldown_datetime")
        return CreateStoragePolicyRequest(
            name: name, resource: resource, cooldownTTLSeconds: times.ttl, cooldownDatetimeSeconds: times.datetime)
    }

    static func alteration(_ given: [SQLProperty]) throws -> AlterStoragePolicyRequest {
        var properties = Properties(given)
        if try properties.take("storage_resource") != nil {
            throw SQLError.notSupported("where rows go stays as it is: make another policy")
        }
        let times = try times(&properties)
        try properties.end("cooldown_ttl and cooldown_datetime")
        return AlterStoragePolicyRequest(
            cooldownTTLSeconds: times.ttl, cooldownDatetimeSeconds: times.datetime)
    }

    private static func times(_ properties: inout Properties) throws -> (ttl: Int64?, datetime: Int64?) {
        let ttl = try properties.take("cooldown_ttl").map(seconds)
        let datetime = try properties.take("cooldown_datetime").map(datetime)
        guard ttl == nil || datetime == nil else {
            throw Properties.wrong("cooldown_ttl and cooldown_datetime can't both be set")
        }
        return (ttl, datetime)
    }

    /// `86400`, `1440m`, `24h`, `1d`, `2w`.
    static func seconds(_ text: String) throws -> Int64 {
        let units: [(Character, Int64)] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)]
        let unit = units.first { text.lowercased().last == $0.0 }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let count = Int64(digits), count >= 0, digits.first != "+",
            case let (seconds, overflow) = count.multipliedReportingOverflow(by: unit?.1 ?? 1), !overflow
        else {
            throw Properties.wrong("a cooldown_ttl is a number of seconds, or one with m, h, d or w behind it")
        }
        return seconds
    }

    /// `2024-06-08 12:00:00` or a day alone, in UTC.
    static func datetime(_ text: String) throws -> Int64 {
        let wrong = Properties.wrong("a cooldown_datetime is such as \"2024-06-08 12:00:00\", in UTC")
        let halves = text.split(separator: " ")
        let date = (halves.first ?? "").split(separator: "-").map { Int64($0) ?? -1 }
        let time = halves.count == 2 ? halves[1].split(separator: ":").map { Int64($0) ?? -1 } : [0, 0, 0]
        guard (1...2).contains(halves.count), date.count == 3, time.count == 3, (0...9999).contains(date[0]),
            (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0..<60).contains(time[2])
        else { throw wrong }
        let days = CivilDate(year: date[0], month: date[1], day: date[2]).daysSince1970
        guard CivilDate(daysSince1970: days) == CivilDate(year: date[0], month: date[1], day: date[2]) else {
            throw wrong
        }
        return days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
}
