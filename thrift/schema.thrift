// What the columns of a tablet are. An agent keeps this and does not interpret rows by it.

namespace cpp wire

include "types.thrift"

// The kinds of expression nodes and their operators are the query engine's affair: plain numbers here.
typedef i32 TExprNodeType
typedef i32 TExprOpcode

struct TColumnType {
    1: required types.TPrimitiveType type
    2: optional i32 len
    3: optional i32 index_len
    4: optional i32 precision
    5: optional i32 scale
}

struct TScalarType {
    1: required types.TPrimitiveType type
    2: optional i32 len
    3: optional i32 precision
    4: optional i32 scale
}

struct TStructField {
    1: required string name
    2: optional string comment
}

struct TTypeNode {
    1: required types.TTypeNodeType type
    2: optional TScalarType scalar_type
    3: optional list<TStructField> struct_fields
    4: optional bool contains_null
}

struct TTypeDesc {
    1: list<TTypeNode> types
    2: optional bool is_nullable
}

/** One node of an expression; literals and calls (ids 5-19, 21, 22, 26, 30) are skipped. */
struct TExprNode {
    1: required TExprNodeType node_type
    2: required TTypeDesc type
    3: optional TExprOpcode opcode
    4: required i32 num_children
    20: required i32 output_scale
    23: optional i32 output_column
    24: optional TColumnType output_type
    25: optional TExprOpcode vector_opcode
    27: optional i32 vararg_start_idx
    28: optional types.TPrimitiveType child_type
    29: optional bool is_nullable
}

struct TExpr {
    1: required list<TExprNode> nodes
}

struct TColumn {
    1: required string column_name
    2: required TColumnType column_type
    3: optional types.TAggregationType aggregation_type
    4: optional bool is_key
    5: optional bool is_allow_null
    6: optional string default_value
    7: optional bool is_bloom_filter_column
    8: optional TExpr define_expr
    9: optional bool visible = true
    10: optional list<TColumn> children_column
    11: optional i32 col_unique_id = -1
    12: optional bool has_bitmap_index = false
    13: optional bool has_ngram_bf_index = false
    14: optional i32 gram_size
    15: optional i32 gram_bf_size
}

struct TOlapTableIndex {
    1: optional string index_name
    2: optional list<string> columns
    3: optional types.TIndexType index_type
    4: optional string comment
    5: optional i64 index_id
    6: optional map<string, string> properties
}

/** One comparison of a delete: a column, an operator, values as text. */
struct TCondition {
    1: required string column_name
    2: required string condition_op
    3: required list<string> condition_values
    4: optional i32 column_unique_id
}

struct TTabletSchema {
    1: required i16 short_key_column_count
    2: required types.TSchemaHash schema_hash
    3: required types.TKeysType keys_type
    4: required types.TStorageType storage_type
    5: required list<TColumn> columns
    6: optional double bloom_filter_fpp
    7: optional list<TOlapTableIndex> indexes
    8: optional bool is_in_memory
    9: optional i32 delete_sign_idx = -1
    10: optional i32 sequence_col_idx = -1
    11: optional types.TSortType sort_type
    12: optional i32 sort_col_num
    13: optional bool disable_auto_compaction
    /** Ours: the byte between two fields of a row. Only with it can a backend tell the columns apart. */
    1000: optional i32 delimiter
}
