// Made by scripts/generate from docs/: change it there.

let descriptions: [String: String] = [
    "openapi-be.json": ###"""
{
  "openapi": "3.1.0",
  "info": {
    "title": "tabletd-be",
    "version": "0.1.0",
    "description": "docs/http.md says more of each route. HEAD is answered wherever GET is, OPTIONS everywhere."
  },
  "servers": [{"url": "http://{host}:8040", "variables": {"host": {"default": "127.0.0.1"}}}],
  "security": [{"user": []}],
  "paths": {
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
        "summary": "Whether every tablet is loaded.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/status": {
      "get": {
        "operationId": "getApiStatus",
        "summary": "Master, disks, pools, tasks, reports.",
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
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
    "/api/cooldown": {
      "get": {
        "operationId": "getApiCooldown",
        "summary": "What tablets that cool wait for.",
        "parameters": [
          {
            "name": "reason",
            "in": "query",
            "description": "Only those that wait for this.",
            "schema": {"type": "string"}
          },
          {"name": "limit", "in": "query", "description": "How many at most.", "schema": {"type": "integer"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets": {
      "get": {
        "operationId": "getApiTablets",
        "summary": "Tablets as they would be reported.",
        "parameters": [
          {"name": "limit", "in": "query", "description": "How many at most.", "schema": {"type": "integer"}},
          {"name": "after", "in": "query", "description": "Only ids above this one.", "schema": {"type": "integer"}}
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
    "/api/tablets/{id}": {
      "get": {
        "operationId": "getApiTabletsId",
        "summary": "One tablet with its rowsets.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/tablets/{id}/versions": {
      "get": {
        "operationId": "getApiTabletsIdVersions",
        "summary": "The tablet's version graph.",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VersionGraph"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/clones": {
      "get": {
        "operationId": "getApiClones",
        "summary": "Clones under way.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/migrations": {
      "get": {
        "operationId": "getApiMigrations",
        "summary": "Moves between data dirs under way.",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/_tablet/_read": {
      "get": {
        "operationId": "getApiTabletRead",
        "summary": "The rows of a tablet, one a line.",
        "parameters": [
          {
            "name": "tablet_id",
            "in": "query",
            "description": "The tablet.",
            "schema": {"type": "integer"},
            "required": true
          },
          {
            "name": "schema_hash",
            "in": "query",
            "description": "Its schema hash; -1: any.",
            "schema": {"type": "integer"}
          },
          {"name": "version", "in": "query", "description": "A version.", "schema": {"type": "integer"}}
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/api/_tablet/_download": {
      "get": {
        "operationId": "getApiTabletDownload",
        "summary": "Files of snapshots, for backends.",
        "parameters": [
          {"name": "token", "in": "query", "description": "A token.", "schema": {"type": "string"}, "required": true},
          {
            "name": "file",
            "in": "query",
            "description": "Path below a snapshot.",
            "schema": {"type": "string"},
            "required": true
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/octet-stream": {}, "text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        },
        "security": []
      }
    },
    "/varz": {
      "get": {
        "operationId": "getVarz",
        "summary": "The configuration, a line each (Doris).",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/show_config": {
      "get": {
        "operationId": "getApiShowConfig",
        "summary": "The configuration as rows (Doris).",
        "parameters": [{"name": "conf_item", "in": "query", "description": "One key.", "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rows"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/update_config": {
      "post": {
        "operationId": "postApiUpdateConfig",
        "summary": "Change keys of the running backend (Doris): each further parameter is a key and its value.",
        "parameters": [
          {
            "name": "persist",
            "in": "query",
            "description": "Keep it for the next start.",
            "schema": {"type": "boolean"}
          }
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationChanges"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/tablets_json": {
      "get": {
        "operationId": "getTabletsJson",
        "summary": "Ids of tablets (Doris).",
        "parameters": [{"name": "limit", "in": "query", "description": "How many at most.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/be_version_info": {
      "get": {
        "operationId": "getApiBeVersionInfo",
        "summary": "The version in its parts (Doris).",
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/report/task": {
      "get": {
        "operationId": "getApiReportTask",
        "summary": "Report tasks now (Doris).",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/report/disk": {
      "get": {
        "operationId": "getApiReportDisk",
        "summary": "Report disks now (Doris).",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/report/tablet": {
      "get": {
        "operationId": "getApiReportTablet",
        "summary": "Report tablets now (Doris).",
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/compaction/show": {
      "get": {
        "operationId": "getApiCompactionShow",
        "summary": "What compaction has done of a tablet (Doris).",
        "parameters": [
          {
            "name": "tablet_id",
            "in": "query",
            "description": "The tablet.",
            "schema": {"type": "integer"},
            "required": true
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/compaction/run_status": {
      "get": {
        "operationId": "getApiCompactionRunStatus",
        "summary": "Which tablets are compacted now (Doris).",
        "parameters": [{"name": "tablet_id", "in": "query", "description": "The tablet.", "schema": {"type": "integer"}}],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/compaction/run": {
      "post": {
        "operationId": "postApiCompactionRun",
        "summary": "Merge rowsets now (Doris).",
        "parameters": [
          {
            "name": "tablet_id",
            "in": "query",
            "description": "The tablet.",
            "schema": {"type": "integer"},
            "required": true
          },
          {
            "name": "compact_type",
            "in": "query",
            "description": "`base` or `cumulative`.",
            "schema": {"type": "string"},
            "required": true
          },
          {
            "name": "schema_hash",
            "in": "query",
            "description": "Its schema hash; -1: any.",
            "schema": {"type": "integer"}
          }
        ],
        "responses": {
          "200": {
            "description": "It went well.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Outcome"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/checksum": {
      "get": {
        "operationId": "getApiChecksum",
        "summary": "The checksum of a tablet's rows at a version (Doris).",
        "parameters": [
          {
            "name": "tablet_id",
            "in": "query",
            "description": "The tablet.",
            "schema": {"type": "integer"},
            "required": true
          },
          {
            "name": "version",
            "in": "query",
            "description": "A version.",
            "schema": {"type": "integer"},
            "required": true
          },
          {
            "name": "schema_hash",
            "in": "query",
            "description": "Its schema hash; -1: any.",
            "schema": {"type": "integer"}
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"text/plain": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/meta/header/{tablet_id}": {
      "get": {
        "operationId": "getApiMetaHeaderTabletId",
        "summary": "A tablet's records (Doris).",
        "parameters": [
          {
            "name": "tablet_id",
            "in": "path",
            "required": true,
            "description": "The tablet.",
            "schema": {"type": "integer"}
          }
        ],
        "responses": {
          "200": {"description": "It went well.", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
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
      },
      "Rows": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
      "ConfigurationChanges": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {"config_name": {"type": "string"}, "status": {"enum": ["OK", "BAD"]}, "msg": {"type": "string"}},
          "required": ["config_name", "status", "msg"]
        }
      },
      "Outcome": {
        "type": "object",
        "properties": {"status": {"enum": ["Success", "Fail"]}, "msg": {"type": "string"}},
        "required": ["status", "msg"]
      }
    }
  }
}

"""###,
]
