#ifndef TABLETD_CROCKSDB_SHIM_H
#define TABLETD_CROCKSDB_SHIM_H

#include <rocksdb/c.h>

#endif
