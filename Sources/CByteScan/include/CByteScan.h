#pragma once

#include <stddef.h>
#include <stdint.h>

/// Writes where `wanted` stands among `count` bytes, ascending, and returns how often it does. `places` has room for
/// `count` + 64 numbers: what lies behind those that are returned may be overwritten.
size_t byte_scan_places(const uint8_t *bytes, size_t count, uint8_t wanted, uint32_t *places);
