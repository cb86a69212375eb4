// Runs a kernel's blocks on this processor: a fiber a thread, switched at barriers and shuffles. What a GPU may do, this does as badly as it can:
//
// - Shared memory starts as 0xFF bytes: NaN in every type. A copy lands at its wait.
// - Blocks come in random order. Of warps that can run, a random one runs to its next barrier; so do a warp's lanes, from either end.
// - Kernels are compiled for a race detector whose hooks are here: they find accesses of shared memory that no barrier orders, accesses beyond a block's
//   shared memory and, where a launch names its buffers, beyond those. Alignment and bounds of arrays are checked by the hooks of -fsanitize.
//
// The first mistake ends the launch.
#include "emulator.h"
#include "fiber.h"
#include "shadow.h"
#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

namespace {

constexpr int Warp = 32, MostThreads = 1024, MostBlocks = 8;
constexpr size_t StackBytes = 64 << 10;
constexpr size_t BlockBytes = 256 << 10; // from one block's shared memory to the next's
constexpr size_t SharedBytes = (MostBlocks + 2) * BlockBytes; // with as much that is no block's on either side

enum class State { ready, at_warp_barrier, at_shuffle, at_block_barrier, at_cluster_barrier, done };

struct PendingCopy {
    unsigned char* to;
    const void* from;
    int bytes;
};

struct Thread {
    Fiber fiber;
    EmulatedThread visible;
    State state;
    int warp, lane; // of all warps of the cluster
    int shuffles;
    std::vector<PendingCopy> copies;
    std::vector<size_t> groups; // copies at each commit
};

struct WarpState {
    int block, in_block;
    Shadow::Stamp interval;
    State waits;
    alignas(16) unsigned char shuffled[2][Warp][8]; // in turns, so that a lane may go on before all have read
};

struct Random {
    uint32_t state;
    uint32_t below(uint32_t bound)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state % bound;
    }
};

// Where launches keep shared memory: reserved once, so that a hook can tell such an address by its value.
struct Reservation {
    static constexpr size_t Most = 256;
    unsigned char* base = (unsigned char*)mmap(nullptr, Most * SharedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
};

Reservation reserved;

class Machine;
Machine* machines[Reservation::Most];
std::atomic<int> machine_count{0};
std::atomic<int> watching{0}; // launches that name their buffers
thread_local Machine* current = nullptr;

class Machine {
public:
    Machine()
    {
        int index = machine_count++;
        machines[index] = this;
        shared_ = reserved.base + index * SharedBytes;
        cells_ = (Shadow::Cell*)zeroed(SharedBytes * sizeof(Shadow::Cell));
        stacks_ = (unsigned char*)zeroed(StackBytes * MostThreads * MostBlocks);
    }

    bool run(const EmulatedLaunch& launch, char* fault, int fault_bytes)
    {
        launch_ = &launch;
        fault_ = fault;
        fault_bytes_ = fault_bytes;
        failed_ = false;
        random_.state = launch.seed * 2654435769u | 1;
        argument_.assign((const unsigned char*)launch.argument, (const unsigned char*)launch.argument + launch.argument_bytes);
        int clusters = launch.blocks / launch.cluster;
        std::vector<int> order(clusters);
        for (int i = 0; i < clusters; i++)
            order[i] = i;
        for (int i = clusters - 1; i > 0; i--)
            std::swap(order[i], order[random_.below(i + 1)]);
        for (int i = 0; i < clusters && !failed_; i++)
            run_cluster(order[i]);
        return !failed_;
    }

    // From here on a fiber's side.

    const EmulatedThread* thread() const { return &thread_->visible; }

    void wait(State state)
    {
        thread_->state = state;
        spn_switch(&thread_->fiber, &scheduler_);
    }

    void shuffle(unsigned int mask, void* value, int bytes, int source)
    {
        if (mask != 0xffffffffu)
            fail("shuffles among a part of the warp (mask %x)", mask);
        unsigned char(*slots)[8] = warps_[thread_->warp].shuffled[thread_->shuffles++ & 1];
        memcpy(slots[thread_->lane], value, bytes);
        wait(State::at_shuffle);
        memcpy(value, slots[source], bytes);
    }

    void copy(void* to, const void* from, int bytes)
    {
        if ((uintptr_t)to % bytes || (uintptr_t)from % bytes)
            fail("copies %d bytes from %p to %p, which are not aligned to them", bytes, from, to);
        if ((size_t)((unsigned char*)to - shared_) >= SharedBytes)
            fail("copies to %p, which is not shared memory", to);
        touch(to, bytes, true);
        if (!launch_->late_copies) {
            touch_global(from, bytes, false);
            memcpy(to, from, bytes);
            return;
        }
        shadow_.take_off((unsigned char*)to - shared_, bytes, stamp());
        thread_->copies.push_back({(unsigned char*)to, from, bytes});
    }

    void commit() { thread_->groups.push_back(thread_->copies.size()); }

    void wait_copies(int pending)
    {
        std::vector<size_t>& groups = thread_->groups;
        if ((int)groups.size() <= pending)
            return;
        size_t landing = groups[groups.size() - 1 - pending];
        for (size_t i = 0; i < landing; i++) {
            const PendingCopy& copy = thread_->copies[i];
            shadow_.land(copy.to - shared_, copy.bytes);
            touch(copy.to, copy.bytes, true);
            touch_global(copy.from, copy.bytes, false);
            memcpy(copy.to, copy.from, copy.bytes);
        }
        thread_->copies.erase(thread_->copies.begin(), thread_->copies.begin() + landing);
        groups.erase(groups.begin(), groups.end() - pending);
        for (size_t& end : groups)
            end -= landing;
    }

    const void* peer(const void* shared, int rank, int bytes)
    {
        if (rank < 0 || rank >= launch_->cluster)
            fail("reads block %d of a cluster of %d", rank, launch_->cluster);
        const unsigned char* there = block_shared(rank) + ((const unsigned char*)shared - thread_->visible.shared);
        touch(there, bytes, false);
        return there;
    }

    void touch(const void* address, size_t bytes, bool write)
    {
        size_t at = (const unsigned char*)address - shared_, in_block = at % BlockBytes, block = at / BlockBytes - 1;
        if (block >= (size_t)launch_->cluster || in_block + bytes > (size_t)launch_->shared_bytes)
            fail("%s %zd bytes at %zd of block %zd's shared memory, which has %d", write ? "writes" : "reads", bytes, in_block, block, launch_->shared_bytes);
        Shadow::Stamp me = stamp(), other = write ? shadow_.write(at, bytes, me) : shadow_.read(at, bytes, me);
        if (other)
            fail("races: %s %zd bytes at %zd of block %zd's shared memory, which thread %d of block %d of the cluster touched since the last barrier, or copies there",
                 write ? "writes" : "reads", bytes, in_block, block, shadow_.thread_of(other), shadow_.block_of(other));
    }

    void touch_global(const void* address, size_t bytes, bool write)
    {
        if (launch_->range_count == 0)
            return;
        uintptr_t start = (uintptr_t)address;
        if (start - (uintptr_t)stacks_ < StackBytes * MostThreads * MostBlocks || start - (uintptr_t)argument_.data() < argument_.size() ||
            start - (uintptr_t)threads_.data() < threads_.size() * sizeof(Thread))
            return;
        for (int i = 0; i < launch_->range_count; i++) {
            const EmulatedRange& range = launch_->ranges[i];
            if (start >= range.start && start + bytes <= range.end && (range.writable || !write))
                return;
        }
        fail("%s %zd bytes at %p, outside of its buffers", write ? "writes" : "reads", bytes, address);
    }

    [[noreturn]] __attribute__((format(printf, 2, 3))) void fail(const char* format, ...)
    {
        if (!failed_) {
            const EmulatedThread& at = thread_->visible;
            int length = snprintf(fault_, fault_bytes_, "Thread %u of block %u ", at.thread.x, at.block.x);
            va_list arguments;
            va_start(arguments, format);
            vsnprintf(fault_ + length, fault_bytes_ - length, format, arguments);
            va_end(arguments);
            failed_ = true;
        }
        for (;;)
            spn_switch(&thread_->fiber, &scheduler_);
    }

    void body()
    {
        launch_->kernel(argument_.data());
        if (!thread_->copies.empty())
            fail("ends before its copies have landed");
        for (;;)
            wait(State::done);
    }

private:
    static void* zeroed(size_t bytes) { return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); }

    static void enter() { current->body(); }

    unsigned char* block_shared(int block) const { return shared_ + (block + 1) * BlockBytes; }

    Shadow::Stamp stamp() const { return warps_[thread_->warp].interval + (Shadow::Stamp)thread_->lane; }

    void run_cluster(int cluster)
    {
        int blocks = launch_->cluster, threads = launch_->threads, in_block = threads / Warp;
        shadow_.begin(cells_, SharedBytes);
        threads_.resize(blocks * threads);
        warps_.resize(blocks * in_block);
        block_epoch_.assign(blocks, 0);
        cluster_epoch_ = 0;
        for (int b = 0; b < blocks; b++)
            memset(block_shared(b), 0xff, launch_->shared_bytes);
        runnable_.clear();
        for (int w = 0; w < (int)warps_.size(); w++) {
            WarpState& warp = warps_[w];
            warp.block = w / in_block;
            warp.in_block = w % in_block;
            release(w);
        }
        for (int i = 0; i < (int)threads_.size(); i++) {
            Thread& thread = threads_[i];
            int block = i / threads;
            thread.visible = {{(unsigned)(i % threads)}, {(unsigned)(cluster * blocks + block)}, {(unsigned)threads}, {(unsigned)launch_->blocks}, block_shared(block)};
            thread.state = State::ready;
            thread.warp = i / Warp;
            thread.lane = i % Warp;
            thread.shuffles = 0;
            thread.copies.clear();
            thread.groups.clear();
            start_fiber(thread.fiber, stacks_ + i * StackBytes, StackBytes, enter);
        }

        while (!runnable_.empty() && !failed_) {
            std::swap(runnable_[random_.below((uint32_t)runnable_.size())], runnable_.back());
            int warp = runnable_.back();
            runnable_.pop_back();
            run_warp(warp);
            open_barriers(warps_[warp].block);
        }
        for (const Thread& thread : threads_) {
            if (!failed_ && thread.state != State::done) {
                snprintf(fault_, fault_bytes_, "Thread %u of block %u waits at a barrier that others never reach.", thread.visible.thread.x, thread.visible.block.x);
                failed_ = true;
            }
        }
    }

    void release(int w)
    {
        WarpState& warp = warps_[w];
        warp.interval = shadow_.interval(warp.block, warp.in_block, block_epoch_[warp.block], cluster_epoch_);
        warp.waits = State::ready;
        runnable_.push_back(w);
    }

    // Until all its lanes wait for other warps, or are done.
    void run_warp(int w)
    {
        WarpState& warp = warps_[w];
        Thread* lanes = &threads_[w * Warp];
        for (;;) {
            bool upwards = random_.below(2) == 0;
            for (int i = 0; i < Warp; i++) {
                thread_ = lanes + (upwards ? i : Warp - 1 - i);
                if (thread_->state == State::done)
                    continue;
                thread_->state = State::ready;
                spn_switch(&scheduler_, &thread_->fiber);
                if (failed_)
                    return;
            }
            for (int i = 1; i < Warp; i++) {
                if (lanes[i].state != lanes[0].state) {
                    thread_ = lanes + i;
                    snprintf(fault_, fault_bytes_, "Threads %u and %u of block %u, in one warp, wait for different things.", lanes[0].visible.thread.x,
                             lanes[i].visible.thread.x, lanes[0].visible.block.x);
                    failed_ = true;
                    return;
                }
            }
            warp.waits = lanes[0].state;
            if (warp.waits == State::at_warp_barrier)
                warp.interval = shadow_.interval(warp.block, warp.in_block, block_epoch_[warp.block], cluster_epoch_);
            else if (warp.waits != State::at_shuffle)
                return;
        }
    }

    void open_barriers(int block)
    {
        if (failed_)
            return;
        int in_block = launch_->threads / Warp;
        auto all = [&](int first, int count, State state) {
            return std::all_of(warps_.begin() + first, warps_.begin() + first + count, [=](const WarpState& warp) { return warp.waits == state; });
        };
        if (all(block * in_block, in_block, State::at_block_barrier)) {
            block_epoch_[block]++;
            for (int w = block * in_block; w < (block + 1) * in_block; w++)
                release(w);
        } else if (all(0, (int)warps_.size(), State::at_cluster_barrier)) {
            cluster_epoch_++;
            for (uint32_t& epoch : block_epoch_)
                epoch++;
            for (int w = 0; w < (int)warps_.size(); w++)
                release(w);
        }
    }

    const EmulatedLaunch* launch_ = nullptr;
    std::vector<unsigned char> argument_;
    unsigned char *shared_, *stacks_;
    Shadow::Cell* cells_;
    Shadow shadow_;
    Random random_ = {1};
    Fiber scheduler_ = {};
    Thread* thread_ = nullptr; // the one that runs
    std::vector<Thread> threads_;
    std::vector<WarpState> warps_;
    std::vector<int> runnable_;
    std::vector<uint32_t> block_epoch_;
    uint32_t cluster_epoch_ = 0;
    char* fault_ = nullptr;
    int fault_bytes_ = 0;
    bool failed_ = false;
};

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
const void* emulated_peer(const void* shared, int rank, int bytes) { return current->peer(shared, rank, bytes); }

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
