// What blocks of a cluster push into each other's shared memory, and the inboxes that count it: mbarriers that one arrival and the expected bytes complete.
#pragma once
#include "machine.h"

inline void Machine::open_inbox(const void* inbox)
{
    touch(inbox, 8, true);
    int block = warps_[thread_->warp].block, count = 0;
    for (const Inbox& other : inboxes_) {
        if (other.at == inbox)
            fail("opens an inbox twice");
        count += other.block == block;
    }
    if (count == MaxInboxes)
        fail("opens more inboxes than the emulator has");
    Clock none(actors());
    inboxes_.push_back({(const unsigned char*)inbox, block, stamp(), false, 0, 0, none, none});
}

// The inbox at the place of another block that `inbox` is in this one.
inline int Machine::find_inbox(const void* inbox, ptrdiff_t shift)
{
    for (size_t i = 0; i < inboxes_.size(); i++) {
        const Inbox& open = inboxes_[i];
        if (open.at != (const unsigned char*)inbox + shift)
            continue;
        if (shadow_.concurrent(open.opened, stamp()))
            fail("races: uses an inbox that thread %d of block %d of the cluster opens", shadow_.thread_of(open.opened), open.block);
        return (int)i;
    }
    fail("uses an inbox at %p that is not open", inbox);
}

// Ends the phase if everything has come; false if more has come than was expected.
inline bool settle(Inbox& inbox)
{
    if (inbox.expecting && inbox.bytes == 0) {
        inbox.phase++;
        inbox.expecting = false;
        inbox.complete = inbox.arrived;
    }
    return !inbox.expecting || inbox.bytes > 0;
}

inline void Machine::expect(const void* inbox, int bytes)
{
    Inbox& to = inboxes_[find_inbox(inbox, 0)];
    if (to.expecting)
        fail("expects bytes twice in one phase of an inbox");
    to.expecting = true;
    to.bytes += bytes;
    join(to.arrived, warps_[thread_->warp].clock);
    if (!settle(to))
        fail("expects %d bytes, but %lld more have come than that", bytes, -to.bytes);
}

inline void Machine::receive(const void* inbox, int parity)
{
    thread_->inbox = find_inbox(inbox, 0);
    thread_->parity = parity;
    wait(State::at_inbox);
}

// Lands later. What this warp did before its last barrier is ordered before the push, and nothing else.
inline void Machine::push(void* to, const void* inbox, int rank, const void* from)
{
    if (rank < 0 || rank >= launch_->cluster)
        fail("pushes to block %d of a cluster of %d", rank, launch_->cluster);
    if (has_ended(rank))
        fail("pushes to block %d of the cluster, which has ended", rank);
    ptrdiff_t shift = block_shared(rank) - thread_->visible.shared;
    const WarpState& warp = warps_[thread_->warp];
    Push push = {(unsigned char*)to + shift, {}, find_inbox(inbox, shift), 0, warp.clock};
    if ((uintptr_t)push.to % sizeof(push.bytes))
        fail("pushes to %p, which is not aligned", to);
    memcpy(push.bytes, from, sizeof(push.bytes));
    push.stamp = shadow_.interval((int)warps_.size() + push.inbox, warp.block, warp.in_block, push.clock);
    touch(push.to, sizeof(push.bytes), true, push.stamp);
    shadow_.take_off(push.to - shared_, sizeof(push.bytes), push.stamp);
    pushes_.push_back(push);
}

inline void Machine::land_push(size_t index)
{
    std::swap(pushes_[index], pushes_.back());
    Push push = pushes_.back();
    pushes_.pop_back();
    Inbox& inbox = inboxes_[push.inbox];
    const char* wrong = has_ended(inbox.block) ? "lands after that block has ended" : nullptr;
    shadow_.land(push.to - shared_, sizeof(push.bytes));
    memcpy(push.to, push.bytes, sizeof(push.bytes));
    inbox.bytes -= sizeof(push.bytes);
    join(inbox.arrived, push.clock);
    uint32_t& landed = inbox.arrived[warps_.size() + push.inbox];
    landed = std::max(landed, shadow_.number_of(push.stamp));
    if (!settle(inbox) && !wrong)
        wrong = "brings more bytes than are expected";
    if (wrong) {
        snprintf(fault_, fault_bytes_, "A push from thread %d of block %d of the cluster to block %d %s.", shadow_.thread_of(push.stamp),
                 shadow_.block_of(push.stamp), inbox.block, wrong);
        failed_ = true;
    }
}

inline void Machine::wake_receivers()
{
    for (int w = 0; w < (int)warps_.size() && !failed_; w++) {
        const Thread& lane = threads_[w * Warp];
        if (warps_[w].waits != State::at_inbox || (int)(inboxes_[lane.inbox].phase & 1) == lane.parity)
            continue;
        join(warps_[w].clock, inboxes_[lane.inbox].complete);
        release(w);
    }
}

inline bool Machine::has_ended(int block) const
{
    int in_block = launch_->threads / Warp;
    auto first = warps_.begin() + block * in_block;
    return std::all_of(first, first + in_block, [](const WarpState& warp) { return warp.waits == State::done; });
}
