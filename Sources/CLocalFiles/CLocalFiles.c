#define _GNU_SOURCE
#include "CLocalFiles.h"

#include <fcntl.h>

int clocalfiles_start_writing(int file, int64_t offset, int64_t count) {
    return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}
