// The forward scan: h = x + Σ p_k (h_k - x), or λ·x + Σ p_k h_k. The raw guidance is normalised as it is read.
//
// Mapping: see scan.cuh. All threads copy a tile of lines (guidance, λ, the block's channels of x) SPN_STAGES - 1 tiles ahead of the
// recurrence. Results go to a separate tile and are written one tile later, so every access to global memory is in whole sectors, for rows
// and columns alike.
// Traffic per pixel, in elements: a direction's gates once for all channels of the block, x and the result once per channel. Bound by
// memory bandwidth if there are enough blocks for all multiprocessors, otherwise by the chain of steps: two shuffles and four dependent
// operations each.
#include "advance.cuh"

struct ForwardArguments {
    Scan scan;
    Map x, guidance, input_gate;
    Map target;              // [N, C, H, W], or [N, D·C, H, W] per direction
    int target_by_direction;
    int combine;             // how to combine with the values in the target
    double weight;
};

// Shared memory of a block: the ring of staged tiles, two tiles of results, and the exchange.
struct ForwardMemory {
    int pack, stride, tile, stage; // in elements of `stored`
    int result_stride, result;     // in elements of `real`
    stored* ring;
    real* results;
    real* exchange;
};

__device__ __forceinline__ ForwardMemory arrange(const Scan& scan, const Position& at, unsigned char* shared)
{
    ForwardMemory memory;
    memory.pack = packed_lines<stored>(at.columns);
    memory.stride = tile_stride<stored>(at.pixels);
    memory.tile = SPN_LINES * memory.stride;
    memory.stage = (GATES(scan.shape) + INPUT_GATE(scan.shape) + scan.channels) * memory.tile;
    memory.result_stride = tile_stride<real>(at.pixels);
    memory.result = scan.channels * SPN_LINES * memory.result_stride;
    memory.ring = (stored*)shared;
    memory.results = (real*)(memory.ring + SPN_STAGES * memory.stage);
    memory.exchange = memory.results + 2 * memory.result;
    return memory;
}

__device__ __forceinline__ void stage_inputs(
    const ForwardArguments& a, const Position& at, const ForwardMemory& memory, stored* to, int tile)
{
    const Shape& shape = a.scan.shape;
    int first = tile * SPN_LINES;
    for (int k = 0; k < GATES(shape); k++, to += memory.tile) {
        int channel = (at.d * GATES(shape) + k) * shape.groups + at.g;
        Plane<stored> plane = plane_of<stored>(a.guidance, at.n, channel, shape.height, shape.width, at.columns);
        stage(to, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
    }
    if (INPUT_GATE(shape)) {
        Plane<stored> plane = plane_of<stored>(a.input_gate, at.n, at.d * shape.groups + at.g, shape.height, shape.width, at.columns);
        stage(to, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
        to += memory.tile;
    }
    for (int c = 0; c < at.channels; c++, to += memory.tile) {
        Plane<stored> plane = plane_of<stored>(a.x, at.n, at.first_channel + c, shape.height, shape.width, at.columns);
        stage(to, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
    }
}

__device__ __forceinline__ void write_results(
    const ForwardArguments& a, const Position& at, const ForwardMemory& memory, const real* results, int tile)
{
    const Shape& shape = a.scan.shape;
    Joining joining = {a.combine, (real)a.weight};
    for (int c = 0; c < at.channels; c++) {
        int channel = (a.target_by_direction ? at.d * shape.channels : 0) + at.first_channel + c;
        Plane<stored> plane = plane_of<stored>(a.target, at.n, channel, shape.height, shape.width, at.columns);
        const real* tile_results = results + c * SPN_LINES * memory.result_stride;
        unstage(
            tile_results, memory.result_stride, plane, at.columns, tile * SPN_LINES, at.lines_of(tile), at.origin, at.start, at.end,
            at.team, joining);
    }
}

extern "C" __global__ void __launch_bounds__(256) spn_forward(const ForwardArguments a)
{
    SPN_SHARED(shared);
    const Scan& scan = a.scan;
    const Shape& shape = scan.shape;
    Position at = locate(scan, false);
    ForwardMemory memory = arrange(scan, at, shared);
    Exchange exchange = make_exchange(memory.exchange, scan, at);
    int last = scan.first_tile + scan.tiles < at.tiles() ? scan.first_tile + scan.tiles : at.tiles();

    for (int i = scan.first_tile; i < scan.first_tile + SPN_STAGES - 1; i++) {
        if (i < last)
            stage_inputs(a, at, memory, memory.ring + (i - scan.first_tile) % SPN_STAGES * memory.stage, at.tile_at(i));
        commit_copies();
    }
    real h[SPN_CHANNELS][SPN_PIXELS];
    load_state(scan, at, h);

    for (int i = scan.first_tile; i < last; i++) {
        int round = i - scan.first_tile, tile = at.tile_at(i), lines = at.lines_of(tile);
        wait_copies<SPN_STAGES - 2>();
        sync_scan(scan); // this tile has arrived, the previous tile's results and edges are complete, and its ring slot is free
        if (round > 0)
            refresh(exchange, scan, at, h);
        if (i + SPN_STAGES - 1 < last)
            stage_inputs(a, at, memory, memory.ring + (round + SPN_STAGES - 1) % SPN_STAGES * memory.stage, at.tile_at(i + SPN_STAGES - 1));
        commit_copies();
        if (round > 0)
            write_results(a, at, memory, memory.results + (round - 1) % 2 * memory.result, at.tile_at(i - 1));

        const stored* guidance = memory.ring + round % SPN_STAGES * memory.stage;
        const stored* input_gates = guidance + GATES(shape) * memory.tile;
        const stored* xs = input_gates + INPUT_GATE(shape) * memory.tile;
        real* results = memory.results + round % 2 * memory.result;
        for (int s = 0; s < lines; s++) {
            if (s > 0 && s % SPN_HALO == 0) {
                sync_scan(scan);
                refresh(exchange, scan, at, h);
            }
            int line = at.descending ? lines - 1 - s : s;
            real r[3][SPN_PIXELS], p[3][SPN_PIXELS], input_gate[SPN_PIXELS], x[SPN_PIXELS];
            load_guidance(shape, guidance, memory.tile, memory.stride, memory.pack, line, at.pixel, r);
            normalize_lane(shape, at, i == 0 && s == 0, r, p);
            if (INPUT_GATE(shape))
                load_real(input_gates, memory.stride, memory.pack, line, at.pixel, input_gate);
#pragma unroll
            for (int c = 0; c < SPN_CHANNELS; c++) {
                if (c >= at.channels)
                    break;
                load_real(xs + c * memory.tile, memory.stride, memory.pack, line, at.pixel, x);
                advance(shape, at, p, input_gate, x, h[c]);
                if (at.owner)
                    store_pixels(results + c * SPN_LINES * memory.result_stride, memory.result_stride, line, at.pixel, h[c]);
            }
            if ((s + 1) % SPN_HALO == 0 || s + 1 == lines)
                publish(exchange, at, h);
        }
    }

    sync_scan(scan);
    if (last > scan.first_tile)
        write_results(a, at, memory, memory.results + (last - 1 - scan.first_tile) % 2 * memory.result, at.tile_at(last - 1));
    store_state(scan, at, h);
}
