// The parts shared by the forward and the backward scan: the gates of a group of lines, and the loop over tiles.
//
// A block scans the lines of one (n, direction, group of gates, chunk of channels), or one segment of each line. A lane holds SPN_PIXELS
// adjacent pixels in registers; within a warp, the neighbours' edges are exchanged by two shuffles per step. Warps overlap by SPN_HALO
// pixels per side and compute these pixels twice. An edge without input from beyond makes one more pixel invalid with every step, so it is
// enough to exchange edges every SPN_HALO steps, at one barrier.
// A tile of every plane is copied SPN_STAGES - 1 tiles ahead. Its lines are processed in groups of SPN_GROUP: their gates are loaded and
// normalised together, so the chain from step to step is two shuffles and four dependent operations, and results are written from
// registers. A line that is too long for a block is cut into segments, which overlap like warps. The blocks of a cluster push their edges
// into each other's shared memory. Without clusters, a launch does as many steps as `margin` allows and passes its last line to the next
// launch through global memory.
#ifndef SPN_SCAN_CUH
#define SPN_SCAN_CUH
#include "exchange.cuh"
#include "gates.cuh"

// The gates of a group of lines of a lane's pixels.
struct Gates {
    real r[3][SPN_GROUP][SPN_PIXELS]; // the guidance, if asked for
    real p[3][SPN_GROUP][SPN_PIXELS];
    real rest[SPN_GROUP][SPN_PIXELS]; // 1 - Σp
    real input_gate[SPN_GROUP][SPN_PIXELS];
};

// Loads and normalises the gates of the lines [line, line + SPN_GROUP) of a tile. `first_line` is the line of the tile that the scan visits
// first and that has no gates, or negative.
template <bool Columns, bool KeepsGuidance>
__device__ __forceinline__ void load_gates(
    const Shape& shape, const Position& at, const Reader<Columns>& reader, SharedAddress tiles, int tile_bytes, int line,
    int first_line, Gates& gates)
{
    const bool three = GATES(shape) == 3;
    const real absent = absent_guidance(NORMALIZATION(shape));
    if (three) {
#pragma unroll
        for (int k = 0; k < 3; k++)
            reader.group(tiles + k * tile_bytes, line, gates.p[k]);
        // Only a lane's first pixel can be the line's first.
        const int last = at.length - 1 - at.pixel;
#pragma unroll
        for (int s = 0; s < SPN_GROUP; s++) {
            gates.p[0][s][0] = at.pixel == 0 ? absent : gates.p[0][s][0];
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                gates.p[2][s][j] = j == last ? absent : gates.p[2][s][j];
        }
    } else {
        reader.group(tiles, line, gates.p[1]);
#pragma unroll
        for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                gates.p[0][s][j] = gates.p[2][s][j] = absent;
    }
    if (INPUT_GATE(shape))
        reader.group(tiles + GATES(shape) * tile_bytes, line, gates.input_gate);
    if (first_line >= line && first_line < line + SPN_GROUP) {
#pragma unroll
        for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
#pragma unroll
                for (int k = 0; k < 3; k++)
                    gates.p[k][s][j] = s == first_line - line ? absent : gates.p[k][s][j];
    }
#pragma unroll
    for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            if (KeepsGuidance)
#pragma unroll
                for (int k = 0; k < 3; k++)
                    gates.r[k][s][j] = gates.p[k][s][j];
            normalize(NORMALIZATION(shape), three, gates.p[0][s][j], gates.p[1][s][j], gates.p[2][s][j], gates.rest[s][j]);
        }
}

// The sources of the gates and of λ.
template <bool Columns>
struct GateSources {
    Source gates[3], input_gate;

    __device__ __forceinline__ GateSources(
        const Shape& shape, const Position& at, const Copier<Columns>& copier, const Map& guidance, const Map& input_gates)
    {
#pragma unroll
        for (int k = 0; k < 3; k++)
            if (k < GATES(shape))
                gates[k] = copier.source(guidance, at.n, (at.d * GATES(shape) + k) * shape.groups + at.g);
        if (INPUT_GATE(shape))
            input_gate = copier.source(input_gates, at.n, at.d * shape.groups + at.g);
    }

    __device__ __forceinline__ void stage_tile(
        const Shape& shape, const Copier<Columns>& copier, SharedAddress to, int tile_bytes, int tile) const
    {
        if (GATES(shape) == 3)
            stage<Columns, 3>(copier, to, tile_bytes, gates, tile);
        else
            stage<Columns, 1>(copier, to, tile_bytes, gates, tile);
        if (INPUT_GATE(shape))
            stage<Columns, 1>(copier, to + GATES(shape) * tile_bytes, tile_bytes, &input_gate, tile);
    }
};

// Stages the block's channels of a map, beginning with the source of the first.
template <bool Columns>
__device__ __forceinline__ void stage_channels(
    const Position& at, const Copier<Columns>& copier, SharedAddress to, int tile_bytes, Source source, long long channel_stride, int tile)
{
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++, source.from += channel_stride)
        if (c < at.channels)
            stage<Columns, 1>(copier, to + c * tile_bytes, tile_bytes, &source, tile);
}

// The values of the pixels before a lane's first and after its last pixel. They are 0 beyond the warp, which only affects pixels outside
// the image and invalid ones.
__device__ __forceinline__ real from_before(real last, int lane)
{
    real value = __shfl_up_sync(0xffffffffu, last, 1);
    return lane == 0 ? 0 : value;
}

__device__ __forceinline__ real from_after(real first, int lane)
{
    real value = __shfl_down_sync(0xffffffffu, first, 1);
    return lane == SPN_WARP - 1 ? 0 : value;
}

// The loop over the tiles of a launch. A pass stages a tile of its planes, `stage_bytes` in all, and processes groups of lines of a staged
// tile: see forward.cu and backward.cu.
template <bool Descending, class Pass>
__device__ __forceinline__ void scan_tiles(const Scan& scan, const Position& at, unsigned char* shared, Pass& pass)
{
    constexpr int lines_of_turn = SPN_LINES < SPN_HALO ? SPN_LINES : SPN_HALO, turns = SPN_LINES / lines_of_turn;
    constexpr int groups = lines_of_turn / SPN_GROUP, tiles_of_turn = SPN_HALO / lines_of_turn;
    const int stage_bytes = pass.stage_bytes;
    const SharedAddress ring = shared_address(shared);
    int last = scan.first_tile + scan.tiles < at.tiles() ? scan.first_tile + scan.tiles : at.tiles();
    for (int i = 0; i < SPN_STAGES - 1; i++) {
        if (scan.first_tile + i < last)
            pass.stage_tile(ring + i * stage_bytes, at.tile_at(scan.first_tile + i));
        commit_copies();
    }
    Exchange exchange = make_exchange((real*)(shared + SPN_STAGES * stage_bytes), scan, at);
    real state[SPN_CHANNELS][SPN_PIXELS];
    load_state(scan, at, state);

    int slot = 0;
#pragma unroll 1
    for (int i = scan.first_tile; i < last; i++) {
        const int tile = at.tile_at(i);
        wait_copies<SPN_STAGES - 2>();
        __syncthreads(); // this tile has arrived, the previous tile's edges are published, and its slot is free
        if (i + SPN_STAGES - 1 < last)
            pass.stage_tile(ring + (slot == 0 ? SPN_STAGES - 1 : slot - 1) * stage_bytes, at.tile_at(i + SPN_STAGES - 1));
        commit_copies();
        const int done = i - scan.first_tile;
        if (done > 0 && done % tiles_of_turn == 0)
            refresh(exchange, at, state);
        pass.begin(tile);
#pragma unroll 1
        for (int turn = 0; turn < turns; turn++) {
            if (turn > 0) {
                publish(exchange, at, state);
                __syncthreads();
                refresh(exchange, at, state);
            }
            int first = (Descending ? turns - 1 - turn : turn) * lines_of_turn;
#pragma unroll
            for (int q = 0; q < groups; q++)
                pass.process(ring + slot * stage_bytes, tile, first + (Descending ? groups - 1 - q : q) * SPN_GROUP, state);
        }
        if (i + 1 < last && (done + 1) % tiles_of_turn == 0)
            publish(exchange, at, state);
        slot = slot + 1 == SPN_STAGES ? 0 : slot + 1;
    }
    store_state(scan, at, state);
}

// The directions of the launch, so that only their code is compiled.
#ifndef SPN_DIRECTIONS
#define SPN_DIRECTIONS 15
#endif

template <template <bool Columns, bool Descending> class Pass, bool Columns, bool Descending, int Direction, class Arguments>
__device__ __forceinline__ void run_oriented(const Arguments& a, const Position& at, unsigned char* shared)
{
    if constexpr ((SPN_DIRECTIONS & Direction) != 0) {
        if (at.columns == Columns && at.descending == Descending) {
            Pass<Columns, Descending> pass(a, at);
            scan_tiles<Descending>(a.scan, at, shared, pass);
        }
    }
}

// Runs a pass with its orientation and its order of lines as constants.
template <template <bool Columns, bool Descending> class Pass, bool Gradient, class Arguments>
__device__ __forceinline__ void run_pass(const Arguments& a, unsigned char* shared)
{
    const Position at = locate(a.scan, Gradient);
    run_oriented<Pass, true, Gradient, LEFT_TO_RIGHT>(a, at, shared);
    run_oriented<Pass, true, !Gradient, RIGHT_TO_LEFT>(a, at, shared);
    run_oriented<Pass, false, Gradient, TOP_TO_BOTTOM>(a, at, shared);
    run_oriented<Pass, false, !Gradient, BOTTOM_TO_TOP>(a, at, shared);
}

#endif
