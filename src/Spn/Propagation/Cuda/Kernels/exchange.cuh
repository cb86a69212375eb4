// The exchange of edges between the warps of a block and the blocks of a cluster, and the state that passes from one launch to the next.
#ifndef SPN_EXCHANGE_CUH
#define SPN_EXCHANGE_CUH
#include "position.cuh"

// The line through which warps and the blocks of a cluster exchange edges: [2, channel, pixel]. The two halves alternate, so one barrier
// per exchange is enough.
//
// The blocks of a cluster push the pixels next to a segment's end into the line of the next block, which counts the bytes in the half's
// inbox. That needs no barrier between blocks, which would wait for all results on their way to memory:
// - A push never overtakes a read. A block pushes to a half again after it has received the edges of the exchange between, and those were
//   pushed after the earlier ones had been read.
// - A block does not end before its neighbours have pushed to it, because it waits for every push.
struct Exchange {
    real* lines;
    int held;                     // pixels
    int size;                     // of a half
    int turns;                    // exchanges so far
    bool needed;
    bool from_before, from_after; // whether this warp receives pixels of the previous and of the next block
    bool received;                // whether these are the lane's
    int bytes;                    // that the block receives per exchange
    SharedAddress inboxes;        // two, behind the lines

    __device__ __forceinline__ real* half() const { return lines + (turns & 1) * size; }
    __device__ __forceinline__ SharedAddress inbox() const { return inboxes + (turns & 1) * INBOX_BYTES; }
};

__device__ __forceinline__ Exchange make_exchange(real* lines, const Scan& scan, const Position& at)
{
    const bool clustered = scan.cluster > 1, is_first = at.segment == 0, is_last = at.segment == scan.segments - 1;
    Exchange exchange;
    exchange.lines = lines;
    exchange.held = at.team.held();
    exchange.size = scan.channels * exchange.held;
    exchange.turns = 0;
    exchange.needed = at.team.warps > 1 || clustered;
    exchange.from_before = clustered && !is_first && at.team.warp == 0;
    exchange.from_after = clustered && !is_last && at.team.warp == at.team.warps - 1;
    exchange.received = (exchange.from_before && at.pixel < at.start) || (exchange.from_after && at.pixel >= at.end);
    const int sides = clustered ? (is_first ? 0 : 1) + (is_last ? 0 : 1) : 0;
    exchange.bytes = sides * at.channels * SPN_HALO * (int)sizeof(real);
    exchange.inboxes = shared_address(lines + 2 * exchange.size);
    if (clustered) {
        if (threadIdx.x < 2)
            open_inbox(exchange.inboxes + threadIdx.x * INBOX_BYTES);
        cluster_sync(); // the other blocks run, and their inboxes are open
    }
    return exchange;
}

// Pushes a channel's pixels of a lane to another block. `place` is theirs in the line of that block.
__device__ __forceinline__ void push_pixels(const Exchange& exchange, real* place, int rank, const real (&values)[SPN_PIXELS])
{
    unsigned int words[4];
    pack<real, SPN_PIXELS>(values, words);
    push_bytes(shared_address(place), exchange.inbox(), rank, words);
}

// Before the barrier: publishes the lane's pixels.
__device__ __forceinline__ void publish(Exchange& exchange, const Position& at, const real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    exchange.turns++;
    if (!exchange.needed)
        return;
    if (exchange.from_before || exchange.from_after)
        __syncwarp(); // the warp has read what it received
    if (!at.owner || exchange.received)
        return;
    const bool before = exchange.from_before && at.pixel < at.start + SPN_HALO;
    const bool after = exchange.from_after && at.pixel >= at.end - SPN_HALO;
    real* line = exchange.half() + at.pixel - at.origin;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++, line += exchange.held) {
        if (c < at.channels) {
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                line[j] = values[c][j];
            if (before)
                push_pixels(exchange, line + at.stride, at.segment - 1, values[c]);
            if (after)
                push_pixels(exchange, line - at.stride, at.segment + 1, values[c]);
        }
    }
}

// After the barrier: replaces invalid pixels by those of another warp or of another block of the cluster.
__device__ __forceinline__ void refresh(const Exchange& exchange, const Position& at, real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    if (!exchange.needed)
        return;
    if (exchange.bytes > 0 && threadIdx.x == 0)
        expect_bytes(exchange.inbox(), exchange.bytes);
    if (exchange.from_before || exchange.from_after)
        receive_bytes(exchange.inbox(), (exchange.turns - 1) / 2 & 1);
    if (at.owner && !exchange.received)
        return;
    const real* line = exchange.half() + at.pixel - at.origin;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++, line += exchange.held)
        if (c < at.channels)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                values[c][j] = line[j];
}

// A launch that continues a scan loads the last line of the previous launch.
__device__ __forceinline__ void load_state(const Scan& scan, const Position& at, real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    bool fresh = scan.first_tile == 0;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            long long line = (long long)at.unit * scan.channels + c;
            bool empty = fresh || c >= at.channels || at.pixel + j >= at.length;
            values[c][j] = empty ? 0 : scan.state_in[line * scan.state_stride + at.pixel + j];
        }
}

__device__ __forceinline__ void store_state(const Scan& scan, const Position& at, const real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    if (scan.state_out == 0)
        return;
    int pixels = at.written();
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            long long line = (long long)at.unit * scan.channels + c;
            if (c < at.channels && j < pixels)
                scan.state_out[line * scan.state_stride + at.pixel + j] = values[c][j];
        }
}

#endif
