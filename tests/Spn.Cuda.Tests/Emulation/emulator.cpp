// Runs a kernel's blocks on this processor: a fiber a thread, switched at barriers and shuffles. What a GPU may do, this does as badly as it can:
//
// - Shared memory starts as 0xFF bytes: NaN in every type. A copy lands when it is waited for; a push to another block lands then at the latest.
// - Blocks come in random order. Of warps that can run, a random one runs to its next barrier; so do a warp's lanes, from either end.
// - Kernels are compiled for a race detector whose hooks are here: they find accesses of shared memory that no barrier orders, accesses beyond a block's
//   shared memory and, if a launch names its buffers, beyond those. Alignment and bounds of arrays are checked by the hooks of -fsanitize.
//
// The first mistake ends the launch.
#include "scheduler.h"
#include <mutex>

namespace {

std::mutex pool_lock;
std::vector<Machine*> pool;

inline __attribute__((always_inline)) void touched(const void* address, size_t bytes, bool write)
{
    size_t at = (const unsigned char*)address - reserved.base;
    if (at < Reservation::Most * SharedBytes)
        machines[at / SharedBytes]->touch(address, bytes, write);
    else if (watching.load(std::memory_order_relaxed) && current)
        current->touch_global(address, bytes, write);
}

} // namespace

extern "C" {

int emulate(const EmulatedLaunch* launch, char* fault, int fault_bytes)
{
    Machine* machine;
    {
        std::lock_guard<std::mutex> lock(pool_lock);
        if (pool.empty()) {
            machine = new Machine();
        } else {
            machine = pool.back();
            pool.pop_back();
        }
    }
    watching += launch->range_count > 0;
    current = machine;
    bool good = machine->run(*launch, fault, fault_bytes);
    current = nullptr;
    watching -= launch->range_count > 0;
    std::lock_guard<std::mutex> lock(pool_lock);
    pool.push_back(machine);
    return good ? 0 : 1;
}

const EmulatedThread* emulated_thread() { return current->thread(); }
void emulated_block_barrier() { current->wait(State::at_block_barrier); }
void emulated_cluster_barrier() { current->wait(State::at_cluster_barrier); }
void emulated_warp_barrier() { current->wait(State::at_warp_barrier); }
void emulated_shuffle(unsigned int mask, void* value, int bytes, int source_lane) { current->shuffle(mask, value, bytes, source_lane); }
void emulated_copy(void* shared, const void* global, int bytes) { current->copy(shared, global, bytes); }
void emulated_commit() { current->commit(); }
void emulated_wait(int pending) { current->wait_copies(pending); }
void emulated_open_inbox(const void* inbox) { current->open_inbox(inbox); }
void emulated_expect(const void* inbox, int bytes) { current->expect(inbox, bytes); }
void emulated_receive(const void* inbox, int parity) { current->receive(inbox, parity); }
void emulated_push(void* to, const void* inbox, int rank, const void* from) { current->push(to, inbox, rank, from); }

// What -fsanitize=thread calls.
#define HOOKS(bytes)                                                                        \
    void __tsan_read##bytes(void* address) { touched(address, bytes, false); }              \
    void __tsan_write##bytes(void* address) { touched(address, bytes, true); }              \
    void __tsan_unaligned_read##bytes(void* address) { touched(address, bytes, false); }    \
    void __tsan_unaligned_write##bytes(void* address) { touched(address, bytes, true); }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
void __tsan_read_range(void* address, size_t bytes) { touched(address, bytes, false); }
void __tsan_write_range(void* address, size_t bytes) { touched(address, bytes, true); }
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

// What -fsanitize=alignment and =bounds call.
void __ubsan_handle_type_mismatch_v1(void*, void* address) { current->fail("takes %p for something more aligned", address); }
void __ubsan_handle_out_of_bounds(void*, void* index) { current->fail("reaches index %zd outside of an array", (intptr_t)index); }
}
