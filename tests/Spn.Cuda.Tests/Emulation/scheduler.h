// Which thread runs when: clusters in random order; of the warps that can run, a random one to its next barrier; a warp's lanes from either end.
// A push lands at a random time, rather late than early.
#pragma once
#include "inboxes.h"

inline bool Machine::run(const EmulatedLaunch& launch, char* fault, int fault_bytes)
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

inline void Machine::run_cluster(int cluster)
{
    int blocks = launch_->cluster, threads = launch_->threads, in_block = threads / Warp;
    threads_.resize(blocks * threads);
    warps_.resize(blocks * in_block);
    inboxes_.clear();
    pushes_.clear();
    shadow_.begin(cells_, SharedBytes, actors());
    for (int b = 0; b < blocks; b++)
        memset(block_shared(b), 0xff, launch_->shared_bytes);
    runnable_.clear();
    for (int w = 0; w < (int)warps_.size(); w++) {
        WarpState& warp = warps_[w];
        warp.block = w / in_block;
        warp.in_block = w % in_block;
        warp.waits = State::ready;
        warp.clock.assign(actors(), 0);
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

    while (!failed_ && (!runnable_.empty() || !pushes_.empty())) {
        if (!pushes_.empty() && (runnable_.empty() || random_.below(4) == 0)) {
            land_push(random_.below((uint32_t)pushes_.size()));
            wake_receivers();
            continue;
        }
        std::swap(runnable_[random_.below((uint32_t)runnable_.size())], runnable_.back());
        int warp = runnable_.back();
        runnable_.pop_back();
        run_warp(warp);
        open_barriers(warps_[warp].block);
        wake_receivers();
    }
    for (const Thread& thread : threads_) {
        if (!failed_ && thread.state != State::done) {
            snprintf(fault_, fault_bytes_, "Thread %u of block %u waits %s.", thread.visible.thread.x, thread.visible.block.x,
                     thread.state == State::at_inbox ? "for bytes that never come" : "at a barrier that others never reach");
            failed_ = true;
        }
    }
}

// Begins a warp's next interval.
inline void Machine::release(int w)
{
    WarpState& warp = warps_[w];
    warp.clock[w] = shadow_.lived(w);
    warp.interval = shadow_.interval(w, warp.block, warp.in_block, warp.clock);
    if (warp.waits != State::at_warp_barrier)
        runnable_.push_back(w);
    warp.waits = State::ready;
}

// Until all its lanes wait for other warps, or are done.
inline void Machine::run_warp(int w)
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
            if (lanes[i].state != lanes[0].state ||
                (lanes[0].state == State::at_inbox && (lanes[i].inbox != lanes[0].inbox || lanes[i].parity != lanes[0].parity))) {
                thread_ = lanes + i;
                snprintf(fault_, fault_bytes_, "Threads %u and %u of block %u, in one warp, wait for different things.", lanes[0].visible.thread.x,
                         lanes[i].visible.thread.x, lanes[0].visible.block.x);
                failed_ = true;
                return;
            }
        }
        warp.waits = lanes[0].state;
        if (warp.waits == State::at_warp_barrier)
            release(w);
        else if (warp.waits != State::at_shuffle)
            return;
    }
}

inline void Machine::open_barriers(int block)
{
    if (failed_)
        return;
    int in_block = launch_->threads / Warp;
    auto all = [&](int first, int count, State state) {
        return std::all_of(warps_.begin() + first, warps_.begin() + first + count, [=](const WarpState& warp) { return warp.waits == state; });
    };
    if (all(block * in_block, in_block, State::at_block_barrier))
        open(block * in_block, in_block);
    else if (all(0, (int)warps_.size(), State::at_cluster_barrier))
        open(0, (int)warps_.size());
}

// What any of the warps did before the barrier is ordered before what all of them do after it.
inline void Machine::open(int first, int count)
{
    Clock all(actors());
    for (int w = first; w < first + count; w++) {
        join(all, warps_[w].clock);
        all[w] = shadow_.lived(w);
    }
    for (int w = first; w < first + count; w++) {
        warps_[w].clock = all;
        release(w);
    }
}
