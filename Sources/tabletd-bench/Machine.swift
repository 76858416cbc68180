internal import Foundation
internal import Glibc

/// The machine that the figures were taken on. What can't be found out is empty or 0.
struct Machine: Codable {
    var cpu: String
    var cores: Int
    var memoryMiB: Int
    var kernel: String
    var system: String

    enum CodingKeys: String, CodingKey {
        case cpu, cores, kernel, system
        case memoryMiB = "memory_mib"
    }

    static var current: Machine {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return Machine(
            cpu: value(of: "model name", in: "/proc/cpuinfo", separator: ":"),
            cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), memoryMiB: memory >> 20, kernel: release,
            system: value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "="))
    }

    private static func value(of key: String, in path: String, separator: Character) -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else { return "" }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key else { continue }
            return parts[1].trimmingCharacters(in: .whitespaces.union(["\""]))
        }
        return ""
    }
}
