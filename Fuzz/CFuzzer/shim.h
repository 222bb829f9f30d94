// The door to libFuzzer without its main, which no header of the toolchain declares.
// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
#ifndef MARTLET_CFUZZER_SHIM_H
#define MARTLET_CFUZZER_SHIM_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
