// The exchange of edges between the warps of a block and the blocks of a cluster, and the state that passes from one launch to the next.
#ifndef SPN_EXCHANGE_CUH
#define SPN_EXCHANGE_CUH
#include "position.cuh"

__device__ __forceinline__ void sync_scan(const Scan& scan)
{
    if (scan.cluster > 1)
        cluster_sync();
    else
        __syncthreads();
}

// The line through which warps and the blocks of a cluster exchange edges: [2, channel, pixel]. The two halves alternate, so one barrier
// per exchange is enough.
struct Exchange {
    real* lines;
    int held; // pixels
    int size; // of one half
    int turn;
    bool needed;
};

__device__ __forceinline__ Exchange make_exchange(real* lines, const Scan& scan, const Position& at)
{
    Exchange exchange;
    exchange.lines = lines;
    exchange.held = at.team.held();
    exchange.size = scan.channels * exchange.held;
    exchange.turn = 0;
    exchange.needed = at.team.warps > 1 || scan.cluster > 1;
    return exchange;
}

// Before the barrier: publishes the lane's pixels.
__device__ __forceinline__ void publish(Exchange& exchange, const Position& at, const real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    exchange.turn ^= 1;
    if (!exchange.needed || !at.owner)
        return;
    real* line = exchange.lines + exchange.turn * exchange.size + at.pixel - at.origin;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
        if (c < at.channels)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                line[c * exchange.held + j] = values[c][j];
}

// After the barrier: replaces invalid pixels by those of another warp or of another block of the cluster.
__device__ __forceinline__ void refresh(
    const Exchange& exchange, const Scan& scan, const Position& at, real (&values)[SPN_CHANNELS][SPN_PIXELS])
{
    if (!exchange.needed)
        return;
    const real* line = exchange.lines + exchange.turn * exchange.size + at.pixel - at.origin;
    bool before = scan.cluster > 1 && at.pixel < at.start, after = scan.cluster > 1 && at.pixel >= at.end && at.segment < scan.segments - 1;
    if (before || after) {
        int rank = before ? at.segment - 1 : at.segment + 1, shift = before ? at.stride : -at.stride;
#pragma unroll
        for (int c = 0; c < SPN_CHANNELS; c++)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                if (c < at.channels)
                    values[c][j] = read_peer(line + c * exchange.held + shift + j, rank);
    } else if (!at.owner) {
#pragma unroll
        for (int c = 0; c < SPN_CHANNELS; c++)
            if (c < at.channels)
#pragma unroll
                for (int j = 0; j < SPN_PIXELS; j++)
                    values[c][j] = line[c * exchange.held + j];
    }
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
