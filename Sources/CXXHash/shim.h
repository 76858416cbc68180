#ifndef TABLETD_CXXHASH_SHIM_H
#define TABLETD_CXXHASH_SHIM_H

#include <xxhash.h>

#endif
