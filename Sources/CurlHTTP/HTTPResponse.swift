/// An answer of any status. `body` is empty when it was streamed.
public struct HTTPResponse: Hashable, Sendable {
    public var status: Int
    /// In the order received, of the last answer when redirects were followed.
    public var headers: [HTTPHeader]
    public var body: [UInt8]

    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The first header of this name; case does not matter.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// `Content-Length`, when given and sane.
    public var contentLength: Int64? {
        guard let length = header("content-length").flatMap({ Int64($0) }), length >= 0 else { return nil }
        return length
    }
}

extension String {
    /// ASCII only, as header names are.
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        let left = utf8
        let right = other.utf8
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 { (65...90).contains(self) ? self | 0x20 : self }
}
