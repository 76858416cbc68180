/// `TPrimitiveType`: what a column holds.
public struct PrimitiveType: OpenEnum {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let boolean = PrimitiveType(rawValue: 2)
    public static let tinyInt = PrimitiveType(rawValue: 3)
    public static let smallInt = PrimitiveType(rawValue: 4)
    public static let int = PrimitiveType(rawValue: 5)
    public static let bigInt = PrimitiveType(rawValue: 6)
    public static let float = PrimitiveType(rawValue: 7)
    public static let double = PrimitiveType(rawValue: 8)
    public static let date = PrimitiveType(rawValue: 9)
    public static let dateTime = PrimitiveType(rawValue: 10)
    public static let char = PrimitiveType(rawValue: 13)
    public static let largeInt = PrimitiveType(rawValue: 14)
    public static let varchar = PrimitiveType(rawValue: 15)
    public static let decimalV2 = PrimitiveType(rawValue: 17)
    public static let string = PrimitiveType(rawValue: 23)
    public static let dateV2 = PrimitiveType(rawValue: 26)
    public static let dateTimeV2 = PrimitiveType(rawValue: 27)
    public static let decimal32 = PrimitiveType(rawValue: 29)
    public static let decimal64 = PrimitiveType(rawValue: 30)
    public static let decimal128 = PrimitiveType(rawValue: 31)

    public static let names: [Int32: String] = [
        0: "INVALID_TYPE", 1: "NULL_TYPE", 2: "BOOLEAN", 3: "TINYINT", 4: "SMALLINT", 5: "INT", 6: "BIGINT",
        7: "FLOAT", 8: "DOUBLE", 9: "DATE", 10: "DATETIME", 11: "BINARY", 13: "CHAR", 14: "LARGEINT",
        15: "VARCHAR", 16: "HLL", 17: "DECIMALV2", 18: "TIME", 19: "OBJECT", 20: "ARRAY", 21: "MAP", 22: "STRUCT",
        23: "STRING", 24: "ALL", 25: "QUANTILE_STATE", 26: "DATEV2", 27: "DATETIMEV2", 28: "TIMEV2",
        29: "DECIMAL32", 30: "DECIMAL64", 31: "DECIMAL128I", 32: "JSONB", 33: "UNSUPPORTED",
    ]
}
