internal import AccessControl
public import StatusHTTP

extension RouteRights {
    /// Who may what on the BE's HTTP port (docs/security.md). A route without a row answers nobody.
    public static let backend = RouteRights([
        "GET /api": .open,
        "GET /api/openapi.json": .open,
        "GET /api/health": .open,
        "GET /metrics": .cluster(.read),
        "GET /api/status": .cluster(.read),
        "GET /api/tablets": .cluster(.read),
        "GET /api/tablets/{id}": .cluster(.read),
        "GET /api/tablets/{id}/versions": .cluster(.read),
        "GET /api/cooldown": .cluster(.read),
        "GET /api/migrations": .cluster(.read),
        "GET /api/clones": .cluster(.read),
        "GET /varz": .cluster(.admin),
        "GET /api/show_config": .cluster(.admin),
        "POST /api/update_config": .cluster(.admin),
        "GET /api/compaction/show": .cluster(.read),
        "GET /api/compaction/run_status": .cluster(.read),
        "POST /api/compaction/run": .cluster(.admin),
        "GET /api/meta/header/{tablet_id}": .cluster(.read),
        "GET /api/checksum": .cluster(.read),
        "GET /api/be_version_info": .cluster(.read),
        "GET /tablets_json": .cluster(.read),
        "GET /api/report/task": .cluster(.read),
        "GET /api/report/disk": .cluster(.read),
        "GET /api/report/tablet": .cluster(.read),
        // Rows: a header has a token that the FE signed. Snapshots: the query has the cluster's.
        "GET /api/_tablet/_read": .own,
        "GET /api/_tablet/_download": .own,
    ])
}
