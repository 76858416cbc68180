// Made by scripts/generate from docs/: change it there.

let descriptions: [String: String] = [
    "openapi-fe.json": ###"""
{
  "openapi": "3.1.0",
  "info": {
    "title": "tabletd-fe",
    "version": "0.1.0",
    "description": "docs/http.md says more of each route. HEAD is answered wherever GET is, OPTIONS everywhere."
  },
  "servers": [{"url": "http://{host}:8030", "variables": {"host": {"default": "127.0.0.1"}}}],
  "security": [{"user": []}],
  "paths": {
    "/": {
      "get": {
        "operationId": "getPage",
        "summary": "The page: the cluster in a browser.",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/html": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/page/{file}": {
      "get": {
        "operationId": "getPageFile",
        "summary": "A file of the page.",
        "parameters": [
          {
            "name": "file",
            "in": "path",
            "required": true,
            "description": "The file's name.",
            "schema": {"type": "string"}
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"text/css": {}, "text/javascript": {}, "text/html": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api": {
      "get": {
        "operationId": "getApi",
        "summary": "The routes of this daemon.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Routes"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/openapi.json": {
      "get": {
        "operationId": "getApiOpenapiJson",
        "summary": "This description.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/health": {
      "get": {
        "operationId": "getApiHealth",
        "summary": "Whether this FE is the ready master.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FrontendHealth"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/status": {
      "get": {
        "operationId": "getApiStatus",
        "summary": "The cluster at a glance.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ClusterStatus"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/metrics": {
      "get": {
        "operationId": "getMetrics",
        "summary": "Prometheus' text format.",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backends": {
      "get": {
        "operationId": "getApiBackends",
        "summary": "Backends with their disks.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Backends"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiBackends",
        "summary": "Register a backend by its heartbeat address.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Address"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backends/{address}": {
      "delete": {
        "operationId": "deleteApiBackendsAddress",
        "summary": "Forget a backend.",
        "parameters": [
          {
            "name": "address",
            "in": "path",
            "required": true,
            "description": "`host:port`.",
            "schema": {"type": "string"}
          },
          {"name": "force", "in": "query", "description": "Even with what it holds.", "schema": {"type": "boolean"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backends/{address}/move": {
      "post": {
        "operationId": "postApiBackendsAddressMove",
        "summary": "Tell a backend's new address.",
        "parameters": [
          {
            "name": "address",
            "in": "path",
            "required": true,
            "description": "`host:port`.",
            "schema": {"type": "string"}
          }
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Address"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backends/{address}/decommission": {
      "post": {
        "operationId": "postApiBackendsAddressDecommission",
        "summary": "Drain a backend, or stop draining it.",
        "parameters": [
          {
            "name": "address",
            "in": "path",
            "required": true,
            "description": "`host:port`.",
            "schema": {"type": "string"}
          },
          {"name": "cancel", "in": "query", "description": "End it instead.", "schema": {"type": "boolean"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/session": {
      "get": {
        "operationId": "getApiSession",
        "summary": "Who asks, and what that one may.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/users": {
      "get": {
        "operationId": "getApiUsers",
        "summary": "The users and their rights.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Users"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiUsers",
        "summary": "Make a user.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewUser"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/users/{user}": {
      "delete": {
        "operationId": "deleteApiUsersUser",
        "summary": "Drop a user.",
        "parameters": [{"name": "user", "in": "path", "required": true, "description": "The user.", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/users/{user}/password": {
      "put": {
        "operationId": "putApiUsersUserPassword",
        "summary": "Set a password, or take it away.",
        "parameters": [{"name": "user", "in": "path", "required": true, "description": "The user.", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Password"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/users/{user}/grants": {
      "post": {
        "operationId": "postApiUsersUserGrants",
        "summary": "Give a right.",
        "parameters": [{"name": "user", "in": "path", "required": true, "description": "The user.", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteApiUsersUserGrants",
        "summary": "Take a right away.",
        "parameters": [{"name": "user", "in": "path", "required": true, "description": "The user.", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/clusters": {
      "get": {
        "operationId": "getApiClusters",
        "summary": "Clusters with their shards.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/clusters/{cluster}/backends": {
      "put": {
        "operationId": "putApiClustersClusterBackends",
        "summary": "Put backends into a shard, or take them out.",
        "parameters": [
          {
            "name": "cluster",
            "in": "path",
            "required": true,
            "description": "The cluster.",
            "schema": {"type": "string"}
          }
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/_sql": {
      "post": {
        "operationId": "postApiSql",
        "summary": "A statement that another frontend was asked, for frontends.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/octet-stream": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/frontends": {
      "get": {
        "operationId": "getApiFrontends",
        "summary": "The frontends of the cluster.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Frontends"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiFrontends",
        "summary": "Register a frontend that is to join.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewFrontend"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/frontends/{address}": {
      "delete": {
        "operationId": "deleteApiFrontendsAddress",
        "summary": "Take a frontend out.",
        "parameters": [
          {
            "name": "address",
            "in": "path",
            "required": true,
            "description": "`host:port`.",
            "schema": {"type": "string"}
          },
          {
            "name": "role",
            "in": "query",
            "description": "`FOLLOWER` or `OBSERVER`.",
            "schema": {"type": "string"},
            "required": true
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/databases": {
      "get": {
        "operationId": "getApiDatabases",
        "summary": "The databases.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Databases"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiDatabases",
        "summary": "Make a database.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewDatabase"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/databases/{database}": {
      "delete": {
        "operationId": "deleteApiDatabasesDatabase",
        "summary": "Drop a database.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "force", "in": "query", "description": "Even with what it holds.", "schema": {"type": "boolean"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables": {
      "get": {
        "operationId": "getApiTables",
        "summary": "The tables.",
        "parameters": [{"name": "database", "in": "query", "description": "Only of this database.", "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tables"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiTables",
        "summary": "Make a table; answers a job.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTable"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}": {
      "get": {
        "operationId": "getApiTablesDatabaseTable",
        "summary": "One table.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteApiTablesDatabaseTable",
        "summary": "Drop a table with all its data.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/alter": {
      "post": {
        "operationId": "postApiTablesDatabaseTableAlter",
        "summary": "Change the columns.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteApiTablesDatabaseTableAlter",
        "summary": "Cancel the change that runs.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/alters": {
      "get": {
        "operationId": "getApiAlters",
        "summary": "Changes of columns that run or ended lately.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/tablets": {
      "get": {
        "operationId": "getApiTablesDatabaseTableTablets",
        "summary": "The tablets of a table with their replicas.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tablets"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/read_plan": {
      "get": {
        "operationId": "getApiTablesDatabaseTableReadPlan",
        "summary": "Which backends serve which tablet.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}},
          {"name": "backend", "in": "query", "description": "Id of a backend.", "schema": {"type": "integer"}},
          {"name": "version", "in": "query", "description": "A version.", "schema": {"type": "integer"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}": {
      "get": {
        "operationId": "getApiTabletsId",
        "summary": "One tablet with its replicas.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tablet"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}/versions": {
      "get": {
        "operationId": "getApiTabletsIdVersions",
        "summary": "The version graph of one replica.",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}},
          {
            "name": "backend",
            "in": "query",
            "description": "Id of a backend.",
            "schema": {"type": "integer"},
            "required": true
          }
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VersionGraph"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/storage_policy": {
      "put": {
        "operationId": "putApiTablesDatabaseTableStoragePolicy",
        "summary": "Attach a storage policy, or take it off.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PolicyChoice"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/{database}/{table}/_stream_load": {
      "put": {
        "operationId": "putApiDatabaseTableStreamLoad",
        "summary": "Load the rows of the body.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}},
          {
            "name": "wait",
            "in": "query",
            "description": "`false`: answer once the rows are received.",
            "schema": {"type": "boolean"}
          },
          {
            "name": "label",
            "in": "header",
            "description": "Names the load: a second one of the same is refused.",
            "schema": {"type": "string"},
            "required": true
          },
          {"name": "column_separator", "in": "header", "description": "One byte.", "schema": {"type": "string"}},
          {"name": "skip_lines", "in": "header", "description": "0 or 1.", "schema": {"type": "string"}},
          {"name": "timeout", "in": "header", "description": "Seconds.", "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"text/plain": {}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Load"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/delete": {
      "post": {
        "operationId": "postApiTablesDatabaseTableDelete",
        "summary": "Delete rows by condition.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeleteRows"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Load"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/loads": {
      "get": {
        "operationId": "getApiLoads",
        "summary": "Loads and deletes.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loads"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/loads/{id}": {
      "get": {
        "operationId": "getApiLoadsId",
        "summary": "One load.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Load"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteApiLoadsId",
        "summary": "Abort a load.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Load"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/_load_file/{transaction}/{tablet}": {
      "get": {
        "operationId": "getApiLoadFileTransactionTablet",
        "summary": "A load's rows of one tablet, for backends.",
        "parameters": [
          {
            "name": "transaction",
            "in": "path",
            "required": true,
            "description": "The load's transaction.",
            "schema": {"type": "integer"}
          },
          {
            "name": "tablet",
            "in": "path",
            "required": true,
            "description": "The tablet.",
            "schema": {"type": "integer"}
          },
          {"name": "token", "in": "query", "description": "A token.", "schema": {"type": "string"}, "required": true}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/octet-stream": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/storage_resources": {
      "get": {
        "operationId": "getApiStorageResources",
        "summary": "S3 buckets, who needs them, and errors of backends.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiStorageResources",
        "summary": "Make a storage resource.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/storage_resources/check": {
      "post": {
        "operationId": "postApiStorageResourcesCheck",
        "summary": "Have the backends try a store; answers a job.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/storage_resources/{name}/check": {
      "post": {
        "operationId": "postApiStorageResourcesNameCheck",
        "summary": "Have the backends try a changed store; answers a job.",
        "parameters": [{"name": "name", "in": "path", "required": true, "description": "Its name.", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/storage_resources/{name}": {
      "put": {
        "operationId": "putApiStorageResourcesName",
        "summary": "Change a storage resource.",
        "parameters": [{"name": "name", "in": "path", "required": true, "description": "Its name.", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteApiStorageResourcesName",
        "summary": "Drop a storage resource.",
        "parameters": [
          {"name": "name", "in": "path", "required": true, "description": "Its name.", "schema": {"type": "string"}},
          {
            "name": "give_up_garbage",
            "in": "query",
            "description": "Leave objects that backends still want to delete.",
            "schema": {"type": "boolean"}
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/storage_policies": {
      "get": {
        "operationId": "getApiStoragePolicies",
        "summary": "Storage policies.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiStoragePolicies",
        "summary": "Make a storage policy.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/storage_policies/{name}": {
      "delete": {
        "operationId": "deleteApiStoragePoliciesName",
        "summary": "Drop a storage policy.",
        "parameters": [{"name": "name", "in": "path", "required": true, "description": "Its name.", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/cooldown": {
      "get": {
        "operationId": "getApiCooldown",
        "summary": "Cooldown jobs, each table's progress, and what fails.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backups": {
      "get": {
        "operationId": "getApiBackups",
        "summary": "Backups and restores that run or ran, and those in a bucket.",
        "parameters": [
          {"name": "resource", "in": "query", "description": "A storage resource.", "schema": {"type": "string"}},
          {"name": "prefix", "in": "query", "description": "Where in its bucket.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "postApiBackups",
        "summary": "Begin a backup.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/backups/{id}": {
      "delete": {
        "operationId": "deleteApiBackupsId",
        "summary": "End a backup or restore that runs.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/restores": {
      "post": {
        "operationId": "postApiRestores",
        "summary": "Begin a restore.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/replicas": {
      "get": {
        "operationId": "getApiReplicas",
        "summary": "Replicas that are not healthy.",
        "parameters": [
          {
            "name": "unhealthy",
            "in": "query",
            "description": "Must be `true`.",
            "schema": {"type": "boolean"},
            "required": true
          },
          {"name": "table", "in": "query", "description": "`DATABASE.TABLE`.", "schema": {"type": "string"}},
          {"name": "limit", "in": "query", "description": "How many at most.", "schema": {"type": "integer"}}
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/scheduler": {
      "get": {
        "operationId": "getApiScheduler",
        "summary": "Repairs that wait, run and ended.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}/repair": {
      "post": {
        "operationId": "postApiTabletsIdRepair",
        "summary": "Look at a tablet now.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tables/{database}/{table}/repair": {
      "post": {
        "operationId": "postApiTablesDatabaseTableRepair",
        "summary": "Look at all tablets of a table now.",
        "parameters": [
          {
            "name": "database",
            "in": "path",
            "required": true,
            "description": "The database.",
            "schema": {"type": "string"}
          },
          {"name": "table", "in": "path", "required": true, "description": "The table.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}/migrate": {
      "post": {
        "operationId": "postApiTabletsIdMigrate",
        "summary": "Move a replica to another disk of its backend; answers a job.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}/check": {
      "post": {
        "operationId": "postApiTabletsIdCheck",
        "summary": "Compare the rows of all live replicas.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "get": {
        "operationId": "getApiTabletsIdCheck",
        "summary": "How far that is.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/jobs": {
      "get": {
        "operationId": "getApiJobs",
        "summary": "Jobs.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Jobs"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/jobs/{id}": {
      "get": {
        "operationId": "getApiJobsId",
        "summary": "One job.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata": {
      "get": {
        "operationId": "getApiMetadata",
        "summary": "Whether the metadata are older than the backends.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata/info": {
      "get": {
        "operationId": "getApiMetadataInfo",
        "summary": "What is in meta_dir.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata/stats": {
      "get": {
        "operationId": "getApiMetadataStats",
        "summary": "Where its bytes are.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata/log": {
      "get": {
        "operationId": "getApiMetadataLog",
        "summary": "Entries of the edit log in words.",
        "parameters": [
          {"name": "from", "in": "query", "description": "First log id.", "schema": {"type": "integer"}},
          {"name": "to", "in": "query", "description": "Last log id.", "schema": {"type": "integer"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata/adopt": {
      "post": {
        "operationId": "postApiMetadataAdopt",
        "summary": "Take over what backends have beyond.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/metadata/discard": {
      "post": {
        "operationId": "postApiMetadataDiscard",
        "summary": "Give up what backends have beyond.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/checkpoint": {
      "post": {
        "operationId": "postApiCheckpoint",
        "summary": "Write an image of the metadata now.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/bootstrap": {
      "get": {
        "operationId": "getApiBootstrap",
        "summary": "Whether this FE serves (Doris).",
        "parameters": [
          {"name": "cluster_id", "in": "query", "description": "The cluster's id.", "schema": {"type": "integer"}},
          {"name": "token", "in": "query", "description": "A token.", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/show_meta_info": {
      "get": {
        "operationId": "getApiShowMetaInfo",
        "summary": "Sizes of databases, or the group of frontends (Doris).",
        "parameters": [
          {
            "name": "action",
            "in": "query",
            "description": "`show_db_size` or `show_ha`.",
            "schema": {"type": "string"},
            "required": true
          }
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/show_proc": {
      "get": {
        "operationId": "getApiShowProc",
        "summary": "Rows of `SHOW PROC` (Doris).",
        "parameters": [{"name": "path", "in": "query", "description": "A path of the proc tree.", "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v1/system": {
      "get": {
        "operationId": "getRestV1System",
        "summary": "A table of `SHOW PROC` (Doris).",
        "parameters": [{"name": "path", "in": "query", "description": "A path of the proc tree.", "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v1/config/fe": {
      "get": {
        "operationId": "getRestV1ConfigFe",
        "summary": "Keys and values of this FE (Doris).",
        "parameters": [{"name": "conf_item", "in": "query", "description": "One key.", "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v1/session": {
      "get": {
        "operationId": "getRestV1Session",
        "summary": "Sessions of the SQL port (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/frontends": {
      "get": {
        "operationId": "getRestV2ManagerNodeFrontends",
        "summary": "Rows of `SHOW FRONTENDS` (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/backends": {
      "get": {
        "operationId": "getRestV2ManagerNodeBackends",
        "summary": "Rows of `SHOW BACKENDS` (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/brokers": {
      "get": {
        "operationId": "getRestV2ManagerNodeBrokers",
        "summary": "Rows of `SHOW BROKER` (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/node_list": {
      "get": {
        "operationId": "getRestV2ManagerNodeNodeList",
        "summary": "Addresses of all nodes (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/configuration_name": {
      "get": {
        "operationId": "getRestV2ManagerNodeConfigurationName",
        "summary": "Names of all keys (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/configuration_info": {
      "post": {
        "operationId": "postRestV2ManagerNodeConfigurationInfo",
        "summary": "Keys of nodes with their values (Doris).",
        "parameters": [
          {
            "name": "type",
            "in": "query",
            "description": "`fe` or `be`.",
            "schema": {"type": "string"},
            "required": true
          }
        ],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/set_config/fe": {
      "post": {
        "operationId": "postRestV2ManagerNodeSetConfigFe",
        "summary": "Change keys of this FE (Doris).",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/set_config/be": {
      "post": {
        "operationId": "postRestV2ManagerNodeSetConfigBe",
        "summary": "Change keys of backends (Doris).",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/{action}/be": {
      "post": {
        "operationId": "postRestV2ManagerNodeActionBe",
        "summary": "Add, drop or drain backends (Doris).",
        "parameters": [
          {
            "name": "action",
            "in": "path",
            "required": true,
            "description": "`ADD`, `DROP` or, of backends, `DECOMMISSION`.",
            "schema": {"type": "string"}
          }
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/rest/v2/manager/node/{action}/fe": {
      "post": {
        "operationId": "postRestV2ManagerNodeActionFe",
        "summary": "Add or drop a frontend (Doris).",
        "parameters": [
          {
            "name": "action",
            "in": "path",
            "required": true,
            "description": "`ADD`, `DROP` or, of backends, `DECOMMISSION`.",
            "schema": {"type": "string"}
          }
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/info": {
      "get": {
        "operationId": "getInfo",
        "summary": "Log ids of the newest image and the last entry, for frontends.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/version": {
      "get": {
        "operationId": "getVersion",
        "summary": "The file VERSION, for frontends.",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/check": {
      "get": {
        "operationId": "getCheck",
        "summary": "Cluster id and token, for frontends.",
        "responses": {"200": {"description": "It went well."}, "default": {"$ref": "#/components/responses/Problem"}},
        "security": []
      }
    },
    "/journal_id": {
      "get": {
        "operationId": "getJournalId",
        "summary": "Log id of the last entry, for frontends.",
        "responses": {"200": {"description": "It went well."}, "default": {"$ref": "#/components/responses/Problem"}},
        "security": []
      }
    },
    "/role": {
      "get": {
        "operationId": "getRole",
        "summary": "Role and name of a frontend.",
        "parameters": [
          {"name": "host", "in": "query", "description": "A host.", "schema": {"type": "string"}, "required": true},
          {"name": "port", "in": "query", "description": "A port.", "schema": {"type": "integer"}, "required": true}
        ],
        "responses": {"200": {"description": "It went well."}, "default": {"$ref": "#/components/responses/Problem"}},
        "security": []
      }
    },
    "/image": {
      "get": {
        "operationId": "getImage",
        "summary": "An image, for frontends.",
        "parameters": [
          {
            "name": "version",
            "in": "query",
            "description": "A version.",
            "schema": {"type": "integer"},
            "required": true
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/octet-stream": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/put": {
      "get": {
        "operationId": "getPut",
        "summary": "Fetch an image back, for frontends.",
        "parameters": [
          {
            "name": "version",
            "in": "query",
            "description": "A version.",
            "schema": {"type": "integer"},
            "required": true
          },
          {"name": "port", "in": "query", "description": "A port.", "schema": {"type": "integer"}, "required": true}
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    }
  },
  "components": {
    "securitySchemes": {"user": {"type": "http", "scheme": "basic"}},
    "responses": {
      "Problem": {
        "description": "What is wrong.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
      }
    },
    "schemas": {
      "Problem": {
        "type": "object",
        "properties": {
          "error": {
            "type": "object",
            "properties": {
              "code": {"type": "string", "description": "Stable, for scripts."},
              "message": {"type": "string", "description": "What is wrong and what to do next."}
            },
            "required": ["code", "message"]
          }
        },
        "required": ["error"]
      },
      "Envelope": {
        "type": "object",
        "properties": {
          "msg": {"type": "string"},
          "code": {"type": "integer", "description": "0: it went well."},
          "data": {},
          "count": {"type": "integer"}
        },
        "required": ["msg", "code", "data", "count"],
        "description": "How Doris wraps what it answers."
      },
      "Routes": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {"method": {"type": "string"}, "path": {"type": "string"}},
          "required": ["method", "path"]
        }
      },
      "Address": {
        "type": "object",
        "properties": {"host": {"type": "string"}, "port": {"type": "integer"}},
        "required": ["host", "port"]
      },
      "NewFrontend": {
        "type": "object",
        "properties": {
          "host": {"type": "string"},
          "port": {"type": "integer"},
          "role": {"enum": ["FOLLOWER", "OBSERVER"]},
          "httpPort": {"type": "integer"}
        },
        "required": ["host", "port", "role"]
      },
      "NewDatabase": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
      "TableName": {
        "type": "object",
        "properties": {"database": {"type": "string"}, "table": {"type": "string"}},
        "required": ["database", "table"]
      },
      "NewTable": {
        "type": "object",
        "properties": {
          "name": {"$ref": "#/components/schemas/TableName"},
          "buckets": {"type": "integer"},
          "replicas": {"type": "integer"},
          "columns": {"type": "array", "items": {"type": "string"}},
          "columnTypes": {"type": "array", "items": {"type": "string"}},
          "distributionColumn": {"type": "integer"},
          "delimiter": {"type": "string"},
          "hasHeader": {"type": "boolean"}
        },
        "required": ["name", "buckets", "replicas", "columns", "distributionColumn", "delimiter", "hasHeader"]
      },
      "Grant": {
        "type": "object",
        "properties": {"right": {"enum": ["READ", "LOAD", "ADMIN"]}, "database": {"type": ["string", "null"]}},
        "required": ["right"]
      },
      "Session": {
        "type": "object",
        "properties": {"user": {"type": "string"}, "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}}},
        "required": ["user", "grants"]
      },
      "Users": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": "string"},
            "hasPassword": {"type": "boolean"},
            "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
            "createdMs": {"type": "integer", "format": "int64"}
          },
          "required": ["name", "grants"]
        }
      },
      "NewUser": {
        "type": "object",
        "properties": {
          "name": {"type": "string"},
          "password": {"type": ["string", "null"]},
          "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}}
        },
        "required": ["name"]
      },
      "Password": {"type": "object", "properties": {"password": {"type": ["string", "null"]}}},
      "PolicyChoice": {"type": "object", "properties": {"policy": {"type": ["string", "null"]}}, "required": ["policy"]},
      "DeleteRows": {
        "type": "object",
        "properties": {
          "where": {"type": "string"},
          "label": {"type": "string"},
          "timeoutMs": {"type": "integer", "format": "int64"}
        },
        "required": ["where", "label"]
      },
      "Job": {
        "type": "object",
        "properties": {
          "id": {"type": "integer", "format": "int64"},
          "kind": {"type": "string"},
          "subject": {"type": "string"},
          "state": {"enum": ["running", "finished", "failed"]},
          "done": {"type": "integer", "format": "int64"},
          "total": {"type": "integer", "format": "int64"},
          "message": {"type": "string"},
          "createdMs": {"type": "integer", "format": "int64"},
          "endedMs": {"type": "integer", "format": "int64"}
        },
        "required": ["id", "state"]
      },
      "Jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
      "Load": {
        "type": "object",
        "properties": {
          "transactionID": {"type": "integer", "format": "int64"},
          "label": {"type": "string"},
          "table": {"$ref": "#/components/schemas/TableName"},
          "state": {"enum": ["receiving", "pushing", "committed", "visible", "aborted"]},
          "rowCount": {"type": "integer", "format": "int64"},
          "bytes": {"type": "integer", "format": "int64"},
          "version": {"type": "integer", "format": "int64"},
          "message": {"type": "string"},
          "deleteCondition": {"type": "string"}
        },
        "required": ["transactionID", "label", "state"]
      },
      "Loads": {"type": "array", "items": {"$ref": "#/components/schemas/Load"}},
      "FrontendHealth": {
        "type": "object",
        "properties": {
          "status": {"type": "string"},
          "total_backend_num": {"type": "integer", "format": "int64"},
          "online_backend_num": {"type": "integer", "format": "int64"},
          "reason": {"type": "string"}
        },
        "required": ["status"]
      },
      "ClusterStatus": {
        "type": "object",
        "properties": {
          "epoch": {"type": "integer", "format": "int64"},
          "lastLogID": {"type": "integer", "format": "int64"},
          "imageLogID": {"type": "integer", "format": "int64"},
          "backends": {"type": "integer", "format": "int64"},
          "aliveBackends": {"type": "integer", "format": "int64"},
          "databases": {"type": "integer", "format": "int64"},
          "tables": {"type": "integer", "format": "int64"},
          "tablets": {"type": "integer", "format": "int64"},
          "replicas": {"type": "integer", "format": "int64"},
          "healthyReplicas": {"type": "integer", "format": "int64"},
          "coldReplicas": {"type": "integer", "format": "int64"},
          "queuedTasks": {"type": "integer", "format": "int64"},
          "queuedReports": {"type": "integer", "format": "int64"},
          "runningLoads": {"type": "integer", "format": "int64"},
          "runningCooldownJobs": {"type": "integer", "format": "int64"},
          "unhealthyTablets": {"type": "integer", "format": "int64"},
          "unrecoverableTablets": {"type": "integer", "format": "int64"},
          "pendingRepairs": {"type": "integer", "format": "int64"},
          "runningClones": {"type": "integer", "format": "int64"},
          "heldTables": {"type": "integer", "format": "int64"},
          "clusterID": {"type": "integer", "format": "int64"},
          "role": {"type": "string"},
          "isReady": {"type": "boolean"},
          "version": {"type": "string"}
        },
        "required": ["isReady", "role"]
      },
      "Disk": {
        "type": "object",
        "properties": {
          "rootPath": {"type": "string"},
          "medium": {"type": "string"},
          "totalBytes": {"type": "integer", "format": "int64"},
          "availableBytes": {"type": "integer", "format": "int64"},
          "dataUsedBytes": {"type": "integer", "format": "int64"},
          "remoteUsedBytes": {"type": "integer", "format": "int64"},
          "trashUsedBytes": {"type": "integer", "format": "int64"},
          "state": {"type": "string"},
          "stateReason": {"type": "string"}
        }
      },
      "Backends": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": "integer", "format": "int64"},
            "host": {"type": "string"},
            "heartbeatPort": {"type": "integer", "format": "int64"},
            "bePort": {"type": "integer", "format": "int64"},
            "httpPort": {"type": "integer", "format": "int64"},
            "isAlive": {"type": "boolean"},
            "isDecommissioned": {"type": "boolean"},
            "version": {"type": "string"},
            "tabletCount": {"type": "integer", "format": "int64"},
            "queuedTasks": {"type": "integer", "format": "int64"},
            "lastHeartbeatMs": {"type": "integer", "format": "int64"},
            "heartbeatError": {"type": "string"},
            "disks": {"type": "array", "items": {"$ref": "#/components/schemas/Disk"}}
          },
          "required": ["id", "host", "isAlive", "disks"]
        }
      },
      "Frontends": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": "string"},
            "host": {"type": "string"},
            "editLogPort": {"type": "integer", "format": "int64"},
            "httpPort": {"type": "integer", "format": "int64"},
            "rpcPort": {"type": "integer", "format": "int64"},
            "role": {"type": "string"},
            "isMaster": {"type": "boolean"},
            "isAlive": {"type": "boolean"},
            "isCurrent": {"type": "boolean"},
            "replayedJournalID": {"type": "integer", "format": "int64"}
          },
          "required": ["name", "host", "role"]
        }
      },
      "Databases": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": "integer", "format": "int64"},
            "name": {"type": "string"},
            "tableCount": {"type": "integer", "format": "int64"}
          },
          "required": ["id", "name"]
        }
      },
      "Tables": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": "integer", "format": "int64"},
            "name": {"$ref": "#/components/schemas/TableName"},
            "state": {"type": "string"},
            "buckets": {"type": "integer", "format": "int64"},
            "replicationNum": {"type": "integer", "format": "int64"},
            "columns": {"type": "array", "items": {"type": "string"}},
            "rowCount": {"type": "integer", "format": "int64"},
            "localBytes": {"type": "integer", "format": "int64"},
            "remoteBytes": {"type": "integer", "format": "int64"},
            "visibleVersion": {"type": "integer", "format": "int64"},
            "storagePolicy": {"type": "string"}
          },
          "required": ["id", "name"]
        }
      },
      "Replica": {
        "type": "object",
        "properties": {
          "id": {"type": "integer", "format": "int64"},
          "backendID": {"type": "integer", "format": "int64"},
          "host": {"type": "string"},
          "version": {"type": "integer", "format": "int64"},
          "state": {"type": "string"},
          "isHealthy": {"type": "boolean"},
          "reason": {"type": "string"},
          "rowCount": {"type": "integer", "format": "int64"},
          "localBytes": {"type": "integer", "format": "int64"},
          "remoteBytes": {"type": "integer", "format": "int64"},
          "isCold": {"type": "boolean"},
          "isCooldownReplica": {"type": "boolean"}
        },
        "required": ["id", "backendID"]
      },
      "Tablet": {
        "type": "object",
        "properties": {
          "id": {"type": "integer", "format": "int64"},
          "table": {"$ref": "#/components/schemas/TableName"},
          "bucket": {"type": "integer", "format": "int64"},
          "visibleVersion": {"type": "integer", "format": "int64"},
          "replicas": {"type": "array", "items": {"$ref": "#/components/schemas/Replica"}}
        },
        "required": ["id", "replicas"]
      },
      "Tablets": {"type": "array", "items": {"$ref": "#/components/schemas/Tablet"}},
      "VersionGraph": {
        "type": "object",
        "properties": {
          "tabletID": {"type": "integer", "format": "int64"},
          "maxVersion": {"type": "integer", "format": "int64"},
          "maxContinuousVersion": {"type": "integer", "format": "int64"},
          "held": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {"start": {"type": "integer", "format": "int64"}, "end": {"type": "integer", "format": "int64"}}
            }
          },
          "missing": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {"start": {"type": "integer", "format": "int64"}, "end": {"type": "integer", "format": "int64"}}
            }
          },
          "visible": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "rowsetID": {"type": "string"},
                "start": {"type": "integer", "format": "int64"},
                "end": {"type": "integer", "format": "int64"},
                "rows": {"type": "integer", "format": "int64"},
                "bytes": {"type": "integer", "format": "int64"},
                "isRemote": {"type": "boolean"}
              }
            }
          },
          "stalePaths": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {"type": "integer", "format": "int64"},
                "staleAtMs": {"type": "integer", "format": "int64"},
                "edges": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "rowsetID": {"type": "string"},
                      "start": {"type": "integer", "format": "int64"},
                      "end": {"type": "integer", "format": "int64"},
                      "rows": {"type": "integer", "format": "int64"},
                      "bytes": {"type": "integer", "format": "int64"},
                      "isRemote": {"type": "boolean"}
                    }
                  }
                }
              }
            }
          }
        },
        "required": ["tabletID", "visible", "missing", "stalePaths"]
      }
    }
  }
}

"""###,
]
