// The emulator's two sides: what a kernel's code calls, and how a test launches a kernel.
#pragma once
#include <stdint.h>

struct EmulatedIndex {
    unsigned int x;
};

struct EmulatedThread {
    EmulatedIndex thread, block, block_size, grid_size;
    unsigned char* shared;
};

// Bytes of memory that a kernel may touch. `writable` is 0 or 1.
struct EmulatedRange {
    uintptr_t start, end, writable;
};

// Field by field as in EmulatedCudaDevice.cs.
struct EmulatedLaunch {
    void (*kernel)(const void* argument);
    const void* argument;
    int argument_bytes;
    int blocks, threads, shared_bytes, cluster;
    int late_copies; // a copy lands at its wait and not at once
    unsigned int seed; // of the order in which blocks, warps and lanes run
    int range_count; // 0: any address will do
    const EmulatedRange* ranges;
};

extern "C" {
// 0, or 1 with what the kernel did wrong in `fault`.
int emulate(const EmulatedLaunch* launch, char* fault, int fault_bytes);

const EmulatedThread* emulated_thread();
void emulated_block_barrier();
void emulated_cluster_barrier();
void emulated_warp_barrier();
void emulated_shuffle(unsigned int mask, void* value, int bytes, int source_lane);
void emulated_copy(void* shared, const void* global, int bytes);
void emulated_commit();
void emulated_wait(int pending);
void emulated_open_inbox(const void* inbox);
void emulated_expect(const void* inbox, int bytes);
void emulated_receive(const void* inbox, int parity);
void emulated_push(void* to, const void* inbox, int rank, const void* from);
}
