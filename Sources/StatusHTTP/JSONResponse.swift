public import HTTPTypes
public import Hummingbird
internal import NIOCore

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Encodes a value as the JSON body of a response: keys sorted, so that answers can be compared and diffed.
public func jsonResponse(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    return bytesResponse(Array(data) + [UInt8(ascii: "\n")], contentType: "application/json", status: status)
}

public func textResponse(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
    bytesResponse(Array(text.utf8), contentType: contentType, status: .ok)
}

func bytesResponse(_ bytes: [UInt8], contentType: String, status: HTTPResponse.Status) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = contentType
    headers[.contentLength] = String(bytes.count)
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
}

/// Reads a JSON request body of at most `limit` bytes; what is wrong with it comes back as a 400 that says so.
public func decodeBody<Value: Decodable>(_ type: Value.Type, from request: Request, limit: Int = 1 << 20) async throws
    -> Value
{
    let buffer: ByteBuffer
    do {
        buffer = try await request.body.collect(upTo: limit)
    } catch {
        throw HTTPProblem.badRequest("the request body could not be read (limit \(limit) bytes)")
    }
    do {
        return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
    } catch let error as DecodingError {
        throw HTTPProblem.badRequest("the JSON body is not as documented: \(explain(error))")
    }
}

private func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "the key \"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
}
