internal import HTTPTypes
internal import Hummingbird
internal import StatusHTTP

/// The page at `/`: files that are part of the program, and that ask this FE's JSON API and nobody else.
struct PageRoutes: Sendable {
    func add(to router: HTTPService.Routes) {
        router.get("/") { _, _ in try answer("index.html") }
        router.get("page/:file") { _, context in try answer(try context.path("file")) }
    }

    private func answer(_ name: String) throws -> Response {
        guard let text = pageFiles[name], let type = Self.type(of: name) else {
            throw HTTPProblem.notFound("the page has no file '\(name)'")
        }
        var response = textResponse(text, contentType: type)
        for (field, value) in Self.fences { response.headers[field] = value }
        return response
    }

    private static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        default: nil
        }
    }

    /// Nothing from elsewhere runs in it, nothing of it goes elsewhere, and no other page has it inside.
    private static let fences: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        (HTTPField.Name("X-Frame-Options")!, "DENY"), (.xContentTypeOptions, "nosniff"),
        (HTTPField.Name("Referrer-Policy")!, "no-referrer"), (.cacheControl, "no-store"),
        (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
        (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-origin"),
    ]
}
