#ifndef CLOCALFILES_H
#define CLOCALFILES_H

#include <stdint.h>

/* Linux' own calls on files, which Swift's Glibc does not have. */

/* Tells the kernel to begin to write these bytes of a file to its disk, and waits for none of them. 0, or -1 with errno. */
int clocalfiles_start_writing(int file, int64_t offset, int64_t count);

#endif
