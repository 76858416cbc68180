#ifndef TABLETD_CZSTD_SHIM_H
#define TABLETD_CZSTD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
