internal import CThrift
internal import TabletModel

// A generated enumeration is a 32-bit integer that may hold values newer than its names: bits pass through unchanged.
// Swift sees those with a negative value as signed and the others as unsigned; ours have none.

func enumValue<Enum: RawRepresentable<UInt32>>(_ value: Enum) -> Int32 { Int32(bitPattern: value.rawValue) }

func enumBits(_ value: some OpenEnum) -> UInt32 { UInt32(bitPattern: value.rawValue) }
func enumBits(_ value: Int32) -> UInt32 { UInt32(bitPattern: value) }
