// The backward scan visits the lines in reverse order. With g = ∂L/∂h of a pixel, the sum of the contributions of its output and of the
// next line:
// ∂L/∂x = (1 - Σp)·g or λ·g, ∂L/∂p_k = g·(h_k - x) or g·h_k, ∂L/∂λ = g·x, and neighbour k on the previous line receives p_k·g.
//
// Mapping: see scan.cuh. Warps shuffle the products p_k·g rather than the gates, so each gate is read once. The scan state is the gradient
// that the previous line will receive.
// The gradients of the gates are summed over the block's channels in registers. If several blocks divide a group's channels, each writes a
// partial sum and sum.cu adds them: there are no atomics, so results are deterministic. The gradients of x are written per direction and
// also added by sum.cu.
// Traffic per pixel, in elements: the gates and their gradients once for all channels of the block; x, h, ∂L/∂h and ∂L/∂x once per channel;
// and one byte that identifies the direction with the maximum. Bound by memory bandwidth, or by the chain of steps if there are few blocks.
#include "scan.cuh"

struct BackwardArguments {
    Scan scan;
    Map x, guidance, input_gate;
    Map hidden;              // [N, D·C, H, W]
    Map grad_output;         // [N, C, H, W], or [N, D·C, H, W] per direction
    Map winners;             // [N, C, H, W], bytes
    Map grad_x;              // [N, C, H, W], or partial sums [N, D·C, H, W] of type real
    Map grad_guidance;       // ∂L/∂r [N, D·K·G, H, W], or partial sums of ∂L/∂p [chunks·N, D·K·G, H, W] of type real
    Map grad_input_gate;     // [N, D·G, H, W], or partial sums [chunks·N, D·G, H, W] of type real
    int grad_output_by_direction, has_winners, grad_x_by_direction, gates_in_parts;
    double weight;           // the weight of a direction in grad_output: 1, or 1/D for a mean
};

struct BackwardMemory {
    int pack, stride, tile;        // for tiles of `stored`
    int byte_pack, byte_stride;    // for tiles of bytes
    int channel_bytes, stage_bytes;
    int result_stride, result, results_size; // in elements of `real`
    unsigned char* ring;
    real* results;
    real* exchange;
};

__device__ __forceinline__ BackwardMemory arrange(const BackwardArguments& a, const Position& at, unsigned char* shared)
{
    const Shape& shape = a.scan.shape;
    BackwardMemory memory;
    memory.pack = packed_lines<stored>(at.columns);
    memory.stride = tile_stride<stored>(at.pixels);
    memory.tile = SPN_LINES * memory.stride;
    memory.byte_pack = packed_lines<unsigned char>(at.columns);
    memory.byte_stride = tile_stride<unsigned char>(at.pixels);
    // x, grad_output, and h including the line that precedes the tile.
    int channel = 3 * memory.tile + memory.pack * memory.stride;
    memory.channel_bytes = channel * (int)sizeof(stored) + (a.has_winners ? SPN_LINES * memory.byte_stride : 0);
    memory.stage_bytes = (GATES(shape) + INPUT_GATE(shape)) * memory.tile * (int)sizeof(stored) + a.scan.channels * memory.channel_bytes;
    memory.result_stride = tile_stride<real>(at.pixels);
    memory.result = SPN_LINES * memory.result_stride;
    memory.results_size = (GATES(shape) + INPUT_GATE(shape) + a.scan.channels) * memory.result;
    memory.ring = shared;
    memory.results = (real*)(shared + SPN_STAGES * memory.stage_bytes);
    memory.exchange = memory.results + 2 * memory.results_size;
    return memory;
}

// The tiles of one channel in a pipeline stage.
struct ChannelTiles {
    stored *x, *grad_output, *hidden;
    unsigned char* winners;
};

__device__ __forceinline__ ChannelTiles channel_tiles(const BackwardArguments& a, const BackwardMemory& memory, unsigned char* stage, int c)
{
    const Shape& shape = a.scan.shape;
    unsigned char* base = stage + (GATES(shape) + INPUT_GATE(shape)) * memory.tile * (int)sizeof(stored) + c * memory.channel_bytes;
    ChannelTiles tiles;
    tiles.x = (stored*)base;
    tiles.grad_output = tiles.x + memory.tile;
    tiles.hidden = tiles.grad_output + memory.tile;
    tiles.winners = (unsigned char*)(tiles.hidden + memory.tile + memory.pack * memory.stride);
    return tiles;
}

__device__ __forceinline__ void stage_inputs(
    const BackwardArguments& a, const Position& at, const BackwardMemory& memory, unsigned char* stage_start, int tile)
{
    const Shape& shape = a.scan.shape;
    int first = tile * SPN_LINES;
    stored* to = (stored*)stage_start;
    for (int k = 0; k < GATES(shape); k++, to += memory.tile) {
        int channel = (at.d * GATES(shape) + k) * shape.groups + at.g;
        Plane<stored> plane = plane_of<stored>(a.guidance, at.n, channel, shape.height, shape.width, at.columns);
        stage(to, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
    }
    if (INPUT_GATE(shape)) {
        Plane<stored> plane = plane_of<stored>(a.input_gate, at.n, at.d * shape.groups + at.g, shape.height, shape.width, at.columns);
        stage(to, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
    }
    for (int c = 0; c < at.channels; c++) {
        ChannelTiles tiles = channel_tiles(a, memory, stage_start, c);
        int channel = at.first_channel + c, by_direction = at.d * shape.channels + channel;
        Plane<stored> plane = plane_of<stored>(a.x, at.n, channel, shape.height, shape.width, at.columns);
        stage(tiles.x, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
        int output_channel = a.grad_output_by_direction ? by_direction : channel;
        plane = plane_of<stored>(a.grad_output, at.n, output_channel, shape.height, shape.width, at.columns);
        stage(tiles.grad_output, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);

        // h of the previous line of each line: the tile's lines and one additional pack, which is after the tile if the scan ran backwards
        // and before it otherwise.
        plane = plane_of<stored>(a.hidden, at.n, by_direction, shape.height, shape.width, at.columns);
        stored* own = at.backwards ? tiles.hidden : tiles.hidden + memory.pack * memory.stride;
        stored* extra = at.backwards ? tiles.hidden + memory.tile : tiles.hidden;
        stage(own, memory.stride, plane, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
        int extra_line = at.backwards ? first + SPN_LINES : first - memory.pack;
        stage(extra, memory.stride, plane, at.columns, extra_line, memory.pack, at.origin, at.staged, at.team);
        if (a.has_winners) {
            Plane<unsigned char> bytes = plane_of<unsigned char>(a.winners, at.n, channel, shape.height, shape.width, at.columns);
            stage(tiles.winners, memory.byte_stride, bytes, at.columns, first, SPN_LINES, at.origin, at.staged, at.team);
        }
    }
}

template <typename T>
__device__ __forceinline__ void write_map(
    const Map& map, int n, int channel, const Shape& shape, const Position& at, const BackwardMemory& memory, const real* results, int tile)
{
    Joining joining = {COMBINE_SET, 0};
    Plane<T> plane = plane_of<T>(map, n, channel, shape.height, shape.width, at.columns);
    unstage(
        results, memory.result_stride, plane, at.columns, tile * SPN_LINES, at.lines_of(tile), at.origin, at.start, at.end, at.team,
        joining);
}

__device__ __forceinline__ void write_results(
    const BackwardArguments& a, const Position& at, const BackwardMemory& memory, const real* results, int tile)
{
    const Shape& shape = a.scan.shape;
    int part = at.chunk * shape.batch + at.n;
    for (int k = 0; k < GATES(shape); k++, results += memory.result) {
        int channel = (at.d * GATES(shape) + k) * shape.groups + at.g;
        if (a.gates_in_parts)
            write_map<real>(a.grad_guidance, part, channel, shape, at, memory, results, tile);
        else
            write_map<stored>(a.grad_guidance, at.n, channel, shape, at, memory, results, tile);
    }
    if (INPUT_GATE(shape)) {
        int channel = at.d * shape.groups + at.g;
        if (a.gates_in_parts)
            write_map<real>(a.grad_input_gate, part, channel, shape, at, memory, results, tile);
        else
            write_map<stored>(a.grad_input_gate, at.n, channel, shape, at, memory, results, tile);
        results += memory.result;
    }
    for (int c = 0; c < at.channels; c++, results += memory.result) {
        int channel = at.first_channel + c;
        if (a.grad_x_by_direction)
            write_map<real>(a.grad_x, at.n, at.d * shape.channels + channel, shape, at, memory, results, tile);
        else
            write_map<stored>(a.grad_x, at.n, channel, shape, at, memory, results, tile);
    }
}

// The gradients of the gates of a lane's pixels, summed over the channels.
struct LaneGradients {
    real p[3][SPN_PIXELS];
    real input_gate[SPN_PIXELS];
};

// One step for a lane's pixels of one channel: replaces the gradient arriving from the next line by the gradient for the previous line.
__device__ __forceinline__ void retreat(
    const BackwardArguments& a, const Position& at, const BackwardMemory& memory, const ChannelTiles& tiles, int line, bool first_line,
    const real p[3][SPN_PIXELS],
    const real input_gate[SPN_PIXELS], real arriving[SPN_PIXELS], real grad_x[SPN_PIXELS], LaneGradients& gradients)
{
    const Shape& shape = a.scan.shape;
    real x[SPN_PIXELS], g[SPN_PIXELS], h[SPN_PIXELS];
    load_real(tiles.x, memory.stride, memory.pack, line, at.pixel, x);
    load_real(tiles.grad_output, memory.stride, memory.pack, line, at.pixel, g);
    load_real(tiles.hidden, memory.stride, memory.pack, at.backwards ? line + 1 : line - 1 + memory.pack, at.pixel, h);
    unsigned char winner[SPN_PIXELS];
    if (a.has_winners)
        load_pixels(tiles.winners, memory.byte_stride, memory.byte_pack, line, at.pixel, winner);

    real before = from_before(h[SPN_PIXELS - 1], at.team.lane), after = from_after(h[0], at.team.lane);
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++) {
        real own = a.has_winners && winner[j] != at.d ? 0 : g[j] * (real)a.weight;
        g[j] = at.inside(j) ? own + arriving[j] : 0;

        bool present[3];
        find_present(shape, at, j, first_line, present);
        real next = j == SPN_PIXELS - 1 ? after : h[j + 1], base = INPUT_GATE(shape) ? 0 : x[j];
        gradients.p[0][j] = present[0] ? multiply_add(g[j], before - base, gradients.p[0][j]) : 0;
        gradients.p[1][j] = present[1] ? multiply_add(g[j], h[j] - base, gradients.p[1][j]) : 0;
        gradients.p[2][j] = present[2] ? multiply_add(g[j], next - base, gradients.p[2][j]) : 0;
        before = h[j];
        gradients.input_gate[j] = INPUT_GATE(shape) ? multiply_add(g[j], x[j], gradients.input_gate[j]) : 0;
        grad_x[j] = (INPUT_GATE(shape) ? input_gate[j] : 1 - (p[0][j] + p[1][j] + p[2][j])) * g[j];
    }

    // The gate k = +1 of the pixel above leads to this pixel, and so does the gate k = -1 of the pixel below.
    real from_above = from_before(p[2][SPN_PIXELS - 1] * g[SPN_PIXELS - 1], at.team.lane);
    real from_below = from_after(p[0][0] * g[0], at.team.lane);
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++) {
        real above = j == 0 ? from_above : p[2][j - 1 < 0 ? 0 : j - 1] * g[j - 1 < 0 ? 0 : j - 1];
        real below = j == SPN_PIXELS - 1 ? from_below : p[0][j + 1 < SPN_PIXELS ? j + 1 : j] * g[j + 1 < SPN_PIXELS ? j + 1 : j];
        arriving[j] = multiply_add(p[1][j], g[j], above + below);
    }
}

extern "C" __global__ void __launch_bounds__(256) spn_backward(const BackwardArguments a)
{
    SPN_SHARED(shared);
    const Scan& scan = a.scan;
    const Shape& shape = scan.shape;
    Position at = locate(scan, true);
    BackwardMemory memory = arrange(a, at, shared);
    Exchange exchange = make_exchange(memory.exchange, scan, at);
    int last = scan.first_tile + scan.tiles < at.tiles() ? scan.first_tile + scan.tiles : at.tiles();

    for (int i = scan.first_tile; i < scan.first_tile + SPN_STAGES - 1; i++) {
        if (i < last)
            stage_inputs(a, at, memory, memory.ring + (i - scan.first_tile) % SPN_STAGES * memory.stage_bytes, at.tile_at(i));
        commit_copies();
    }
    real arriving[SPN_CHANNELS][SPN_PIXELS];
    load_state(scan, at, arriving);

    for (int i = scan.first_tile; i < last; i++) {
        int round = i - scan.first_tile, tile = at.tile_at(i), lines = at.lines_of(tile);
        wait_copies<SPN_STAGES - 2>();
        sync_scan(scan); // this tile has arrived, the previous tile's results and edges are complete, and its ring slot is free
        if (round > 0)
            refresh(exchange, scan, at, arriving);
        if (i + SPN_STAGES - 1 < last) {
            unsigned char* free_slot = memory.ring + (round + SPN_STAGES - 1) % SPN_STAGES * memory.stage_bytes;
            stage_inputs(a, at, memory, free_slot, at.tile_at(i + SPN_STAGES - 1));
        }
        commit_copies();
        if (round > 0)
            write_results(a, at, memory, memory.results + (round - 1) % 2 * memory.results_size, at.tile_at(i - 1));

        unsigned char* staged = memory.ring + round % SPN_STAGES * memory.stage_bytes;
        const stored* guidance = (const stored*)staged;
        real* results = memory.results + round % 2 * memory.results_size;
        for (int s = 0; s < lines; s++) {
            if (s > 0 && s % SPN_HALO == 0) {
                sync_scan(scan);
                refresh(exchange, scan, at, arriving);
            }
            int line = at.descending ? lines - 1 - s : s;
            bool first_line = i == at.tiles() - 1 && s == lines - 1; // of the forward scan; this pass visits it last
            real r[3][SPN_PIXELS], p[3][SPN_PIXELS], input_gate[SPN_PIXELS], grad_x[SPN_PIXELS];
            load_guidance(shape, guidance, memory.tile, memory.stride, memory.pack, line, at.pixel, r);
            normalize_lane(shape, at, first_line, r, p);
            if (INPUT_GATE(shape))
                load_real(guidance + GATES(shape) * memory.tile, memory.stride, memory.pack, line, at.pixel, input_gate);

            LaneGradients gradients = {};
            real* result = results + (GATES(shape) + INPUT_GATE(shape)) * memory.result;
#pragma unroll
            for (int c = 0; c < SPN_CHANNELS; c++) {
                if (c >= at.channels)
                    break;
                ChannelTiles tiles = channel_tiles(a, memory, staged, c);
                retreat(a, at, memory, tiles, line, first_line, p, input_gate, arriving[c], grad_x, gradients);
                if (at.owner)
                    store_pixels(result + c * memory.result, memory.result_stride, line, at.pixel, grad_x);
            }

            if (!a.gates_in_parts) {
#pragma unroll
                for (int j = 0; j < SPN_PIXELS; j++) {
                    bool present[3];
                    find_present(shape, at, j, first_line, present);
                    real raw[3] = {r[0][j], r[1][j], r[2][j]}, gates[3] = {p[0][j], p[1][j], p[2][j]};
                    real d[3] = {gradients.p[0][j], gradients.p[1][j], gradients.p[2][j]};
                    raw_gradient(NORMALIZATION(shape), raw, present, gates, d);
                    gradients.p[0][j] = d[0];
                    gradients.p[1][j] = d[1];
                    gradients.p[2][j] = d[2];
                }
            }
            if (at.owner) {
                if (GATES(shape) == 3) {
#pragma unroll
                    for (int k = 0; k < 3; k++)
                        store_pixels(results + k * memory.result, memory.result_stride, line, at.pixel, gradients.p[k]);
                } else {
                    store_pixels(results, memory.result_stride, line, at.pixel, gradients.p[1]);
                }
                if (INPUT_GATE(shape))
                    store_pixels(results + GATES(shape) * memory.result, memory.result_stride, line, at.pixel, gradients.input_gate);
            }
            if ((s + 1) % SPN_HALO == 0 || s + 1 == lines)
                publish(exchange, at, arriving);
        }
    }

    sync_scan(scan);
    if (last > scan.first_tile)
        write_results(a, at, memory, memory.results + (last - 1 - scan.first_tile) % 2 * memory.results_size, at.tile_at(last - 1));
    store_state(scan, at, arriving);
}
