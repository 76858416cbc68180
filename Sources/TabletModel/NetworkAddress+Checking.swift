/// Why a text is no address of a daemon.
public struct AddressProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
    init(_ description: String) { self.description = description }
}

extension NetworkAddress {
    /// `HOST:PORT` as a person writes it, in the one form that `checked` gives.
    public static func parse(_ text: some StringProtocol) throws(AddressProblem) -> NetworkAddress {
        if let scheme = text.firstRange(of: "://") {
            throw AddressProblem(
                "\"\(text)\" is a URL: write HOST:PORT, without \"\(text[..<scheme.upperBound])\" and without a path")
        }
        if text.hasPrefix("[") || text.filter({ $0 == ":" }).count > 1 { throw .ipv6(text) }
        guard let colon = text.lastIndex(of: ":") else {
            throw AddressProblem("\"\(text)\" has no port: write HOST:PORT")
        }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int32(digits) else {
            throw AddressProblem("\"\(digits)\" is no port: one number from 1 to 65535")
        }
        return try NetworkAddress(host: String(text[..<colon]), port: port).checked()
    }

    /// The address with its host in small letters and without a dot at the end, so that one spelling is one address.
    /// IPv6 is refused: backends name themselves, and each other's files, by IPv4 addresses and names.
    public func checked() throws(AddressProblem) -> NetworkAddress {
        guard (1...65_535).contains(port) else {
            throw AddressProblem("\(port) is no port: one number from 1 to 65535")
        }
        if host.contains("://") || host.contains("/") {
            throw AddressProblem("the host \"\(host)\" is a URL or a path: give the host alone")
        }
        if host.contains(":") || host.hasPrefix("[") { throw .ipv6(host) }
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        guard !name.isEmpty else { throw AddressProblem("the host is empty") }
        guard name.utf8.count <= 253 else { throw AddressProblem("the host is longer than 253 characters") }
        if let odd = name.unicodeScalars.first(where: { !Self.isPart($0) }) {
            throw AddressProblem(
                "the host \"\(name)\" contains \(odd.isBlank ? "a blank" : "U+\(String(odd.value, radix: 16))"): letters, "
                    + "digits, \"-\", \"_\" and \".\" only")
        }
        guard !name.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
            throw AddressProblem("the host \"\(name)\" has an empty part between dots")
        }
        if name.allSatisfy({ $0.isNumber || $0 == "." }) { try Self.checkIPv4(name) }
        return NetworkAddress(host: name.lowercased(), port: port)
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-_.".unicodeScalars.contains(scalar))
    }

    /// The short forms that resolvers take ("127.1") are second spellings of an address, too.
    private static func checkIPv4(_ text: String) throws(AddressProblem) {
        let parts = text.split(separator: ".")
        guard parts.count == 4, parts.allSatisfy({ part in UInt8(part).map { String($0) == part } ?? false }) else {
            throw AddressProblem("\"\(text)\" is no IPv4 address: four numbers from 0 to 255")
        }
        if text == "0.0.0.0" { throw AddressProblem("0.0.0.0 is every address of a machine, and the address of none") }
    }
}

extension AddressProblem {
    fileprivate static func ipv6(_ text: some StringProtocol) -> AddressProblem {
        AddressProblem("\"\(text)\" is an IPv6 address, which is not supported: give the IPv4 address or a name")
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { properties.isWhitespace }
}
