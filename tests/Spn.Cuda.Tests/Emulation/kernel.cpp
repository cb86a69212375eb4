// One kernel, SPN_ENTRY of SPN_FILE, as a library for the emulator.
#include "cuda.h"
#include SPN_FILE

template <typename Argument>
static void call(void (*kernel)(Argument), const void* argument)
{
    kernel(*(const Argument*)argument);
}

extern "C" void call_kernel(const void* argument) { call(SPN_ENTRY, argument); }
