internal import ByteText
internal import Platform

/// A document as its leaves: elements that hold text and no other element.
enum XMLLeaves {
    enum Event: Hashable {
        /// `path` leads from the root to the element.
        case leaf(path: [String], text: String)
        /// An element with others inside it ended.
        case end(path: [String])
    }

    static func read(_ bytes: [UInt8], _ body: (Event) throws(XMLError) -> Void) throws(XMLError) {
        var reader = XMLReader(bytes)
        var path: [String] = []
        var text = ""
        var isLeaf = false
        while let event = try reader.next() {
            switch event {
            case .open(let name):
                path.append(name)
                text = ""
                isLeaf = true
            case .text(let piece): text += piece
            case .close:
                try body(isLeaf ? .leaf(path: path, text: text) : .end(path: path))
                path.removeLast()
                isLeaf = false
            }
        }
    }

    /// The text of the first leaf of this name directly below the root.
    static func first(_ name: String, in bytes: [UInt8]) throws(XMLError) -> String? {
        var found: String?
        try read(bytes) { event throws(XMLError) in
            if case .leaf(let path, let text) = event, path.count == 2, path[1] == name, found == nil { found = text }
        }
        return found
    }
}

/// `<Error>` of S3: what is safe and useful of it. The string to sign and the key ids that some servers add are left
/// out.
struct S3ErrorAnswer: Hashable, Sendable {
    var code: String
    var message: String

    init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// nil when the body is no S3 error, as from a proxy.
    init?(_ body: [UInt8]) {
        var code: String?
        var message = ""
        do {
            try XMLLeaves.read(body) { event throws(XMLError) in
                guard case .leaf(let path, let text) = event, path.count == 2, path[0] == "Error" else { return }
                if path[1] == "Code" { code = String(text.prefix(100)) }
                if path[1] == "Message" { message = String(text.prefix(300)) }
            }
        } catch {
            // A cut-off answer: what came before the cut still tells the cause.
            guard code != nil else { return nil }
        }
        guard let code else { return nil }
        self.code = code
        self.message = message
    }
}

/// One page of ListObjectsV2.
struct S3ListAnswer: Hashable, Sendable {
    var objects: [ObjectListing] = []
    var isTruncated = false
    var continuation: String?

    init(_ body: [UInt8]) throws(XMLError) {
        var isURLEncoded = false
        var key: String?
        var size: Int64?
        try XMLLeaves.read(body) { event throws(XMLError) in
            switch event {
            case .leaf(let path, let text):
                guard path.first == "ListBucketResult" else {
                    throw XMLError(message: "root is <\(path.first ?? "")>, not <ListBucketResult>", offset: 0)
                }
                switch path.dropFirst().joined(separator: "/") {
                case "EncodingType": isURLEncoded = text == "url"
                case "IsTruncated": isTruncated = text == "true"
                case "NextContinuationToken": continuation = text
                case "Contents/Key": key = text
                case "Contents/Size": size = Int64(text)
                default: break
                }
            case .end(let path):
                guard path.count == 2, path[1] == "Contents" else { return }
                guard let foundKey = key, let foundSize = size else {
                    throw XMLError(message: "an entry of the list has no key or no size", offset: 0)
                }
                objects.append(ObjectListing(key: foundKey, sizeBytes: foundSize))
                (key, size) = (nil, nil)
            }
        }
        guard isURLEncoded else { return }
        // The element that says so may stand behind the keys.
        for index in objects.indices {
            guard let decoded = PercentEncoding.decode(objects[index].key) else {
                throw XMLError(message: "key \(objects[index].key.prefix(80)) is not url-encoded", offset: 0)
            }
            objects[index].key = decoded
        }
    }
}

/// What a batch delete could not delete.
struct S3DeleteAnswer: Hashable, Sendable {
    struct Failure: Hashable, Sendable {
        var key = ""
        var code = ""
        var message = ""
    }
    var failures: [Failure] = []

    init(_ body: [UInt8]) throws(XMLError) {
        var failure = Failure()
        try XMLLeaves.read(body) { event throws(XMLError) in
            switch event {
            case .leaf(let path, let text):
                guard path.count == 3, path[1] == "Error" else { return }
                if path[2] == "Key" { failure.key = text }
                if path[2] == "Code" { failure.code = text }
                if path[2] == "Message" { failure.message = String(text.prefix(300)) }
            case .end(let path):
                guard path.count == 2, path[1] == "Error" else { return }
                failures.append(failure)
                failure = Failure()
            }
        }
    }
}
