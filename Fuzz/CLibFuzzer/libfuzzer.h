// What Swift's toolchain brings in libclang_rt.fuzzer_no_main.a, and no header for.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
