// Names for the integers of the wire, enumerations, and the small structs that every service shares.
//
// Field ids, types and enumeration values are the contract with the other side and never change; a name is ours to keep
// readable. A reader skips ids it does not know, so newer optional fields may be left out here, and a field that this
// system never looks at (expression trees, scan ranges, query options) is left out on purpose: it is skipped by its type.

namespace cpp wire

typedef i64 TTimestamp
typedef i64 TTableId
typedef i64 TTabletId
typedef i64 TReplicaId
typedef i64 TPartitionId
typedef i64 TTransactionId
typedef i64 TVersion
/** Retired: always 0. */
typedef i64 TVersionHash
typedef i64 TCount
/** Bytes. */
typedef i64 TSize
typedef i64 TEpoch
typedef i32 TSchemaHash
typedef i32 TPort
typedef i32 TClusterId
typedef i32 TPlanNodeId
typedef i32 TTupleId
typedef i32 TSlotId

// --- what a task asks for -------------------------------------------------------------------------------------------

enum TTaskType {
    CREATE = 0,
    DROP = 1,
    PUSH = 2,
    CLONE = 3,
    STORAGE_MEDIUM_MIGRATE = 4,
    ROLLUP = 5,
    SCHEMA_CHANGE = 6,
    CANCEL_DELETE = 7,
    MAKE_SNAPSHOT = 8,
    RELEASE_SNAPSHOT = 9,
    CHECK_CONSISTENCY = 10,
    UPLOAD = 11,
    DOWNLOAD = 12,
    CLEAR_REMOTE_FILE = 13,
    MOVE = 14,
    REALTIME_PUSH = 15,
    PUBLISH_VERSION = 16,
    CLEAR_ALTER_TASK = 17,
    CLEAR_TRANSACTION_TASK = 18,
    RECOVER_TABLET = 19,
    STREAM_LOAD = 20,
    UPDATE_TABLET_META_INFO = 21,
    ALTER = 22,
    INSTALL_PLUGIN = 23,
    UNINSTALL_PLUGIN = 24,
    COMPACTION = 25,
    STORAGE_MEDIUM_MIGRATE_V2 = 26,
    NOTIFY_UPDATE_STORAGE_POLICY = 27,
    PUSH_COOLDOWN_CONF = 28,
    // Newer frontends:
    PUSH_STORAGE_POLICY = 29,
    ALTER_INVERTED_INDEX = 30,
    GC_BINLOG = 31,
    CLEAN_TRASH = 32,
    UPDATE_VISIBLE_VERSION = 33,
    CLEAN_UDF_CACHE = 34,
    PUSH_INDEX_POLICY = 35,
    CALCULATE_DELETE_BITMAP = 1000,
    // Ours, sent to backends of ours only: try the storage resource in update_policy.
    CHECK_STORAGE = 5000
}

enum TPriority { NORMAL = 0, HIGH = 1 }

enum TPushType { LOAD = 0, DELETE = 1, LOAD_DELETE = 2, LOAD_V2 = 3 }

enum TAgentServiceVersion { V1 = 0 }

// --- tablets and where they are -------------------------------------------------------------------------------------

enum TStorageMedium { HDD = 0, SSD = 1, S3 = 2, REMOTE_CACHE = 3 }

enum TStorageType { ROW = 0, COLUMN = 1 }

enum TStorageFormat { DEFAULT = 0, V1 = 1, V2 = 2 }

enum TTabletType { TABLET_TYPE_DISK = 0, TABLET_TYPE_MEMORY = 1 }

enum TTabletMetaType { PARTITIONID = 0, INMEMORY = 1 }

enum TAlterTabletType { SCHEMA_CHANGE = 1, ROLLUP = 2, MIGRATION = 3 }

enum TStorageBackendType { BROKER = 0, S3 = 1, HDFS = 2, LOCAL = 3, OFS = 4 }

enum TObjStorageType { UNKNOWN = 0, AWS = 1, AZURE = 2, BOS = 3, COS = 4, OBS = 5, OSS = 6, GCP = 7, TOS = 8 }

enum TCredProviderType { DEFAULT = 0, SIMPLE = 1, INSTANCE_PROFILE = 2 }

enum TCompressionType {
    UNKNOWN_COMPRESSION = 0,
    DEFAULT_COMPRESSION = 1,
    NO_COMPRESSION = 2,
    SNAPPY = 3,
    LZ4 = 4,
    LZ4F = 5,
    ZLIB = 6,
    ZSTD = 7
}

// --- schemas --------------------------------------------------------------------------------------------------------

enum TKeysType { PRIMARY_KEYS = 0, DUP_KEYS = 1, UNIQUE_KEYS = 2, AGG_KEYS = 3 }

enum TSortType { LEXICAL = 0, ZORDER = 1 }

enum TIndexType { BITMAP = 0, INVERTED = 1, BLOOMFILTER = 2, NGRAM_BF = 3 }

enum TAggregationType {
    SUM = 0,
    MAX = 1,
    MIN = 2,
    REPLACE = 3,
    HLL_UNION = 4,
    NONE = 5,
    BITMAP_UNION = 6,
    REPLACE_IF_NOT_NULL = 7,
    QUANTILE_UNION = 8
}

enum TTypeNodeType { SCALAR = 0, ARRAY = 1, MAP = 2, STRUCT = 3 }

enum TPrimitiveType {
    INVALID_TYPE = 0,
    NULL_TYPE = 1,
    BOOLEAN = 2,
    TINYINT = 3,
    SMALLINT = 4,
    INT = 5,
    BIGINT = 6,
    FLOAT = 7,
    DOUBLE = 8,
    DATE = 9,
    DATETIME = 10,
    BINARY = 11,
    /** So spelled by the other side; a name only. */
    DECIMAL_DEPRACTED = 12,
    CHAR = 13,
    LARGEINT = 14,
    VARCHAR = 15,
    HLL = 16,
    DECIMALV2 = 17,
    TIME = 18,
    OBJECT = 19,
    ARRAY = 20,
    MAP = 21,
    STRUCT = 22,
    STRING = 23,
    ALL = 24,
    QUANTILE_STATE = 25,
    DATEV2 = 26,
    DATETIMEV2 = 27,
    TIMEV2 = 28,
    DECIMAL32 = 29,
    DECIMAL64 = 30,
    DECIMAL128I = 31,
    JSONB = 32,
    UNSUPPORTED = 33
}

// --- cluster-wide topics and resources ------------------------------------------------------------------------------

enum TVarType { SESSION = 0, GLOBAL = 1 }

enum TTopicType { RESOURCE = 0 }

enum TResourceType {
    TRESOURCE_CPU_SHARE = 0,
    TRESOURCE_IO_SHARE = 1,
    TRESOURCE_SSD_READ_IOPS = 2,
    TRESOURCE_SSD_WRITE_IOPS = 3,
    TRESOURCE_SSD_READ_MBPS = 4,
    TRESOURCE_SSD_WRITE_MBPS = 5,
    TRESOURCE_HDD_READ_IOPS = 6,
    TRESOURCE_HDD_WRITE_IOPS = 7,
    TRESOURCE_HDD_READ_MBPS = 8,
    TRESOURCE_HDD_WRITE_MBPS = 9
}

// --- addresses and ids ----------------------------------------------------------------------------------------------

struct TNetworkAddress {
    1: required string hostname
    2: required i32 port
}

/** How a backend names itself; the frontend finds it by exact match of host and be_port. */
struct TBackend {
    1: required string host
    2: required TPort be_port
    3: required TPort http_port
}

struct TUniqueId {
    1: required i64 hi
    2: required i64 lo
}

struct TUserIdentity {
    1: optional string username
    2: optional string host
    3: optional bool is_domain
}

struct TResourceInfo {
    1: required string user
    2: required string group
}
