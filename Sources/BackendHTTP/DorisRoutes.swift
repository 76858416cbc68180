internal import BackendCore
internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine

/// Routes of Doris' BE that scripts and monitors ask, in its paths and shapes.
extension BackendRoutes {
    func addDorisRoutes(to router: HTTPService.Routes) {
        router.get("api/be_version_info") { [node] _, _ in
            let view = BuildVersionView(node.status(taskLimit: 0).identity.version)
            return try jsonResponse(DorisAnswer(["beVersionInfo": view]))
        }
        router.get("tablets_json") { [node, engine, pool] request, context in
            let limit = try request.query("limit") == "all" ? .max : request.integerQuery("limit") ?? 1000
            guard limit >= 0 else { throw HTTPProblem.badRequest("the limit must be 0 or more, or all") }
            let listing = TabletListing(engine, host: node.status(taskLimit: 0).backendHost, limit: Int(limit))
            return streamedResponse(listing, on: pool, contentType: "application/json", logger: context.logger)
        }
        for report in BackendNode.Report.allCases {
            router.get("api/report/\(report.rawValue)") { [node] _, _ in
                do throws(BackendNode.ReportRefusal) {
                    try node.reportNow(report)
                } catch {
                    throw HTTPProblem.unavailable(error.description)
                }
                return textResponse("OK\n")
            }
        }
    }
}
