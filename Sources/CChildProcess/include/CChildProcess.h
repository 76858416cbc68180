#pragma once

#include <sys/types.h>

/// Starts a program whose standard input is `input` and whose standard output nobody reads; it has standard error of this process, and no
/// other file of it, and is in a process group of its own. Returns its process id, or the negative of what errno would say.
pid_t cchildprocess_start(const char *program, char *const arguments[], int input);
