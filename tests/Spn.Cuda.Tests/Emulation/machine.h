// What a launch runs on: the shared memory of a cluster's blocks, a stack for every thread, and what a thread can do: wait, shuffle, copy, touch memory.
#pragma once
#include "emulator.h"
#include "fiber.h"
#include "shadow.h"
#include <atomic>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

constexpr int Warp = 32, MaxThreads = 1024, MaxBlocks = 8, MaxInboxes = 4; // per block
constexpr size_t StackBytes = 64 << 10;
constexpr size_t BlockBytes = 256 << 10; // from one block's shared memory to the next's
constexpr size_t SharedBytes = (MaxBlocks + 2) * BlockBytes; // with as much that is no block's on either side

enum class State { ready, at_warp_barrier, at_shuffle, at_block_barrier, at_cluster_barrier, at_inbox, done };

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
    int inbox, parity; // for which it waits
    std::vector<PendingCopy> copies;
    std::vector<size_t> groups; // copies at each commit
};

struct WarpState {
    int block, in_block;
    Shadow::Stamp interval;
    Clock clock; // what is ordered before the interval
    State waits;
    alignas(16) unsigned char shuffled[2][Warp][8]; // in turns, so that a lane may go on before all have read
};

// An mbarrier that one arrival and the expected bytes complete.
struct Inbox {
    const unsigned char* at;
    int block;
    Shadow::Stamp opened;
    bool expecting;
    long long bytes; // that are expected and have not come; negative if they came before they were expected
    uint32_t phase;
    Clock arrived, complete; // what is ordered before the end of this phase, and before that of the previous one
};

struct Push {
    unsigned char* to;
    unsigned char bytes[16];
    int inbox;
    Shadow::Stamp stamp;
    Clock clock;
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

inline Reservation reserved;

class Machine;
inline Machine* machines[Reservation::Most];
inline std::atomic<int> machine_count{0};
inline std::atomic<int> watching{0}; // launches that name their buffers
inline thread_local Machine* current = nullptr;

class Machine {
public:
    Machine()
    {
        int index = machine_count++;
        machines[index] = this;
        shared_ = reserved.base + index * SharedBytes;
        cells_ = (Shadow::Cell*)zeroed(SharedBytes * sizeof(Shadow::Cell));
        stacks_ = (unsigned char*)zeroed(StackBytes * MaxThreads * MaxBlocks);
    }

    // All blocks of a launch; false with what went wrong in `fault`.
    bool run(const EmulatedLaunch& launch, char* fault, int fault_bytes);

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
        if ((uintptr_t)to % bytes || (uintptr_t)from % bytes) // null is aligned
            fail("copies %d bytes from %p to %p, which are not aligned to them", bytes, from, to);
        if ((size_t)((unsigned char*)to - shared_) >= SharedBytes)
            fail("copies to %p, which is not shared memory", to);
        touch(to, bytes, true);
        if (!launch_->late_copies) {
            land(to, from, bytes);
            return;
        }
        shadow_.take_off((unsigned char*)to - shared_, bytes, stamp());
        thread_->copies.push_back({(unsigned char*)to, from, bytes});
    }

    // Zeros come from null.
    void land(void* to, const void* from, int bytes)
    {
        if (!from) {
            memset(to, 0, bytes);
            return;
        }
        touch_global(from, bytes, false);
        memcpy(to, from, bytes);
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
            land(copy.to, copy.from, copy.bytes);
        }
        thread_->copies.erase(thread_->copies.begin(), thread_->copies.begin() + landing);
        groups.erase(groups.begin(), groups.end() - pending);
        for (size_t& end : groups)
            end -= landing;
    }

    // inboxes.h
    void open_inbox(const void* inbox);
    void expect(const void* inbox, int bytes);
    void receive(const void* inbox, int parity);
    void push(void* to, const void* inbox, int rank, const void* from);

    void touch(const void* address, size_t bytes, bool write) { touch(address, bytes, write, stamp()); }

    void touch(const void* address, size_t bytes, bool write, Shadow::Stamp me)
    {
        size_t at = (const unsigned char*)address - shared_, in_block = at % BlockBytes, block = at / BlockBytes - 1;
        if (block >= (size_t)launch_->cluster || in_block + bytes > (size_t)launch_->shared_bytes)
            fail("%s %zd bytes at %zd of block %zd's shared memory, which has %d", write ? "writes" : "reads", bytes, in_block, block, launch_->shared_bytes);
        Shadow::Stamp other = write ? shadow_.write(at, bytes, me) : shadow_.read(at, bytes, me);
        if (other)
            fail("races: %s %zd bytes at %zd of block %zd's shared memory, which thread %d of block %d of the cluster touched since the last barrier, or copies there",
                 write ? "writes" : "reads", bytes, in_block, block, shadow_.thread_of(other), shadow_.block_of(other));
    }

    void touch_global(const void* address, size_t bytes, bool write)
    {
        if (launch_->range_count == 0)
            return;
        uintptr_t start = (uintptr_t)address;
        if (start - (uintptr_t)stacks_ < StackBytes * MaxThreads * MaxBlocks || start - (uintptr_t)argument_.data() < argument_.size() ||
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

    size_t actors() const { return warps_.size() + (size_t)launch_->cluster * MaxInboxes; }

    // inboxes.h
    int find_inbox(const void* inbox, ptrdiff_t shift);
    void land_push(size_t index);
    void wake_receivers();
    bool has_ended(int block) const;

    // scheduler.h
    void run_cluster(int cluster);
    void release(int warp);
    void run_warp(int warp);
    void open_barriers(int block);
    void open(int first, int count);

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
    std::vector<Inbox> inboxes_;
    std::vector<Push> pushes_; // that have not landed
    char* fault_ = nullptr;
    int fault_bytes_ = 0;
    bool failed_ = false;
};
