public import HTTPTypes
public import Hummingbird
internal import NIOCore

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How the names of a value's members become keys.
public enum JSONKeys: Sendable {
    case asTheyAre
    /// `tabletId` is `tablet_id`.
    case snakeCase
}

/// Encodes a value as the JSON body of a response: keys sorted, so that answers can be compared and diffed.
public func jsonResponse(
    _ value: some Encodable, keys: JSONKeys = .asTheyAre, status: HTTPResponse.Status = .ok
) throws -> Response {
    let encoder = JSONEncoder()
    if keys == .snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    return bytesResponse(Array(data) + [UInt8(ascii: "\n")], contentType: "application/json", status: status)
}

/// JSON that is one already.
public func jsonResponse(_ bytes: [UInt8], status: HTTPResponse.Status) -> Response {
    bytesResponse(bytes, contentType: "application/json", status: status)
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
    try decode(type, from: try await body(of: request, limit: limit))
}

/// As `decodeBody`; nil when the request has no body.
public func decodeBodyIfAny<Value: Decodable>(
    _ type: Value.Type, from request: Request, limit: Int = 1 << 20
) async throws -> Value? {
    let data = try await body(of: request, limit: limit)
    return data.isEmpty ? nil : try decode(type, from: data)
}

private func body(of request: Request, limit: Int) async throws -> Data {
    do {
        return Data(try await request.body.collect(upTo: limit).readableBytesView)
    } catch {
        throw HTTPProblem.badRequest("the request body could not be read (limit \(limit) bytes)")
    }
}

private func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    do {
        return try JSONDecoder().decode(type, from: data)
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
