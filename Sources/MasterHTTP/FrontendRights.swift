internal import AccessControl
public import StatusHTTP

extension RouteRights {
    /// Who may what on the FE's HTTP port (docs/security.md). A route without a row answers nobody.
    public static let frontend = RouteRights([
        // The page asks for its data as whoever logs in there.
        "GET /": .open,
        "GET /page/{file}": .open,
        "GET /api": .open,
        "GET /api/openapi.json": .open,
        "GET /api/health": .open,
        "GET /metrics": .cluster(.read),
        "GET /api/session": .anyone,
        "GET /api/status": .cluster(.read),
        "GET /api/jobs": .cluster(.read),
        "GET /api/jobs/{id}": .cluster(.read),
        "GET /api/cooldown": .cluster(.read),
        "POST /api/checkpoint": .cluster(.admin),

        "GET /api/users": .cluster(.admin),
        "POST /api/users": .cluster(.admin),
        "DELETE /api/users/{user}": .cluster(.admin),
        "PUT /api/users/{user}/password": .anyone,
        "POST /api/users/{user}/grants": .cluster(.admin),
        "DELETE /api/users/{user}/grants": .cluster(.admin),

        "GET /api/frontends": .cluster(.read),
        "POST /api/frontends": .cluster(.admin),
        "DELETE /api/frontends/{address}": .cluster(.admin),
        "GET /api/backends": .cluster(.read),
        "POST /api/backends": .cluster(.admin),
        "DELETE /api/backends/{address}": .cluster(.admin),
        "POST /api/backends/{address}/move": .cluster(.admin),
        "POST /api/backends/{address}/decommission": .cluster(.admin),
        "GET /api/clusters": .cluster(.read),
        "PUT /api/clusters/{cluster}/backends": .cluster(.admin),

        // Lists show what their reader may read.
        "GET /api/databases": .anyone,
        "POST /api/databases": .cluster(.admin),
        "DELETE /api/databases/{database}": .database(.admin),
        "GET /api/tables": .anyone,
        "POST /api/tables": .named(.admin),
        "GET /api/tables/{database}/{table}": .database(.read),
        "DELETE /api/tables/{database}/{table}": .database(.admin),
        "POST /api/tables/{database}/{table}/alter": .database(.admin),
        "DELETE /api/tables/{database}/{table}/alter": .database(.admin),
        "GET /api/alters": .cluster(.read),
        "GET /api/tables/{database}/{table}/tablets": .database(.read),
        "GET /api/tables/{database}/{table}/read_plan": .database(.read),
        "GET /api/tablets/{id}": .cluster(.read),

        "GET /api/storage_resources": .cluster(.read),
        "POST /api/storage_resources": .cluster(.admin),
        "POST /api/storage_resources/check": .cluster(.admin),
        "POST /api/storage_resources/{name}/check": .cluster(.admin),
        "PUT /api/storage_resources/{name}": .cluster(.admin),
        "DELETE /api/storage_resources/{name}": .cluster(.admin),
        "GET /api/storage_policies": .cluster(.read),
        "POST /api/storage_policies": .cluster(.admin),
        "DELETE /api/storage_policies/{name}": .cluster(.admin),
        "PUT /api/tables/{database}/{table}/storage_policy": .database(.admin),

        "PUT /api/{database}/{table}/_stream_load": .database(.load),
        "POST /api/tables/{database}/{table}/delete": .database(.load),
        "GET /api/loads": .anyone,
        "GET /api/loads/{id}": .named(.read),
        "DELETE /api/loads/{id}": .named(.load),
        // Its URL has a token of the load.
        "GET /api/_load_file/{transaction}/{tablet}": .own,

        "GET /api/replicas": .cluster(.read),
        "GET /api/scheduler": .cluster(.read),
        "POST /api/tablets/{id}/repair": .cluster(.admin),
        "POST /api/tables/{database}/{table}/repair": .database(.admin),
        "POST /api/tablets/{id}/migrate": .cluster(.admin),
        "POST /api/tablets/{id}/check": .cluster(.admin),
        "GET /api/tablets/{id}/check": .cluster(.read),

        "GET /api/metadata": .cluster(.read),
        "GET /api/metadata/info": .cluster(.read),
        "GET /api/metadata/stats": .cluster(.read),
        "GET /api/metadata/log": .cluster(.admin),
        "POST /api/metadata/adopt": .cluster(.admin),
        "POST /api/metadata/discard": .cluster(.admin),

        "GET /api/backups": .cluster(.read),
        "POST /api/backups": .named(.admin),
        "DELETE /api/backups/{id}": .cluster(.admin),
        "POST /api/restores": .cluster(.admin),

        "GET /api/tablets/{id}/versions": .cluster(.read),

        // As Doris has them.
        "GET /api/bootstrap": .own,
        "GET /api/show_meta_info": .cluster(.admin),
        "GET /api/show_proc": .cluster(.read),
        "GET /rest/v1/system": .cluster(.read),
        "GET /rest/v1/session": .anyone,
        "GET /rest/v1/config/fe": .cluster(.admin),
        "GET /rest/v2/manager/node/frontends": .cluster(.read),
        "GET /rest/v2/manager/node/backends": .cluster(.read),
        "GET /rest/v2/manager/node/brokers": .cluster(.read),
        "GET /rest/v2/manager/node/node_list": .cluster(.read),
        "GET /rest/v2/manager/node/configuration_name": .cluster(.admin),
        "POST /rest/v2/manager/node/configuration_info": .cluster(.admin),
        "POST /rest/v2/manager/node/set_config/fe": .cluster(.admin),
        "POST /rest/v2/manager/node/set_config/be": .cluster(.admin),
        "POST /rest/v2/manager/node/{action}/be": .cluster(.admin),
        "POST /rest/v2/manager/node/{action}/fe": .cluster(.admin),

        // Another frontend passes a statement on: a header has the cluster's token.
        "POST /api/_sql": .own,

        // Between frontends: a header has the cluster's token.
        "GET /info": .own, "GET /version": .own, "GET /check": .own, "GET /journal_id": .own, "GET /role": .own,
        "GET /image": .own, "GET /put": .own,
    ])
}
