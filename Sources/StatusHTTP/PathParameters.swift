internal import ByteText
public import Hummingbird

extension RequestContext {
    /// A parameter of the path, decoded: the router hands on what stands in the request, and clients encode what a name may
    /// hold. What is not UTF-8, percent-encoded, is a 400.
    public func path(_ name: String) throws -> String {
        let text = try parameters.require(name)
        guard let decoded = PercentEncoding.decodeSegment(text) else {
            throw HTTPProblem.badRequest("'\(text)' in the path is not percent-encoded UTF-8; write % as %25")
        }
        return decoded
    }

    /// A parameter of the path as a number; something else than a number is a 400.
    public func pathInteger(_ name: String) throws -> Int64 {
        let text = try path(name)
        guard let value = Int64(text) else {
            throw HTTPProblem.badRequest("'\(text)' in the path must be a whole number")
        }
        return value
    }
}
