// The parts shared by the forward and the backward scan: the work of a block, the pixels of its lanes, their gates, and the exchange of
// edges between warps.
//
// A block scans the lines of one (n, direction, group of gates, chunk of channels), or one segment of each line. A lane holds SPN_PIXELS
// adjacent pixels in registers; within a warp, the neighbours' edges are exchanged by two shuffles per step. Warps overlap by SPN_HALO
// pixels per side and compute these pixels twice. An edge without input from beyond makes one more pixel invalid with every step, so it is
// enough to exchange edges every SPN_HALO steps, at one barrier.
// A line that is too long for a block is cut into segments. The blocks of a cluster exchange edges through each other's shared memory.
// Without clusters, a launch does as many steps as `margin` allows and passes its last line to the next launch through global memory.
#ifndef SPN_SCAN_CUH
#define SPN_SCAN_CUH
#include "gates.cuh"
#include "tile.cuh"

#define SPN_HALO 8

// Must match the C# flags.
enum Directions { LEFT_TO_RIGHT = 1, RIGHT_TO_LEFT = 2, TOP_TO_BOTTOM = 4, BOTTOM_TO_TOP = 8 };

struct Shape {
    int batch, channels, height, width, groups;
    int directions; // flags
    int gates;      // 3 or 1
    int normalization;
    int has_input_gate;
};

// Options are compile-time constants if they are defined as macros; otherwise they are read from the arguments.
#ifdef SPN_NORMALIZATION
#define NORMALIZATION(shape) SPN_NORMALIZATION
#else
#define NORMALIZATION(shape) ((shape).normalization)
#endif
#ifdef SPN_GATES
#define GATES(shape) SPN_GATES
#else
#define GATES(shape) ((shape).gates)
#endif
#ifdef SPN_INPUT_GATE
#define INPUT_GATE(shape) SPN_INPUT_GATE
#else
#define INPUT_GATE(shape) ((shape).has_input_gate)
#endif

struct Scan {
    Shape shape;
    int first_direction, direction_count; // of this launch, among the selected directions
    int channels;                         // per block, at most SPN_CHANNELS
    int segments, segment_pixels;         // segments per line, and pixels per segment: a multiple of SPN_HALO
    int margin;                           // pixels staged beyond a segment on either side: a multiple of SPN_HALO
    int cluster;                          // blocks per cluster: `segments`, or 1 without clusters
    int first_tile, tiles;                // of this launch, in scan order
    real *state_in, *state_out;           // [unit, channel, line]: the last line of the previous launch, and of this one
    long long state_stride;               // elements per line of the state
};

// The d-th selected direction.
__device__ __forceinline__ int direction_at(int directions, int d)
{
    for (; d > 0; d--)
        directions &= directions - 1;
    return directions & -directions;
}

__device__ __forceinline__ int channel_chunks(const Shape& shape, int channels)
{
    return (shape.channels / shape.groups + channels - 1) / channels;
}

// The part of the work that belongs to a block and to a lane of it.
struct Position {
    int unit, n, d, g, chunk;
    int first_channel, channels;
    bool columns;    // lines are columns of the image
    bool backwards;  // the direction scans from the last line to the first
    bool descending; // this pass visits the last line first
    int lines, length;
    int segment, start, end; // pixels of a line that this block writes
    int origin, staged;      // pixels of a line that it stages
    int pixels;              // pixels that its lanes hold: at least `staged`, rounded up to whole warps
    int pixel;               // the lane's first pixel, relative to the origin
    bool owner;              // whether this warp, not an overlapping one, provides the lane's pixels
    Team team;

    __device__ __forceinline__ int tiles() const { return (lines + SPN_LINES - 1) / SPN_LINES; }
    __device__ __forceinline__ int tile_at(int i) const { return descending ? tiles() - 1 - i : i; }
    __device__ __forceinline__ int lines_of(int tile) const
    {
        return lines - tile * SPN_LINES < SPN_LINES ? lines - tile * SPN_LINES : SPN_LINES;
    }
    __device__ __forceinline__ bool inside(int j) const { return (unsigned int)(origin + pixel + j) < (unsigned int)length; }
};

__device__ __forceinline__ Team whole_block()
{
    Team team;
    team.warp = threadIdx.x / SPN_WARP;
    team.warps = blockDim.x / SPN_WARP;
    team.lane = threadIdx.x % SPN_WARP;
    return team;
}

__device__ __forceinline__ Position locate(const Scan& scan, bool gradient)
{
    const Shape& shape = scan.shape;
    Position at;
    at.unit = blockIdx.x / scan.segments;
    at.segment = blockIdx.x % scan.segments;
    int chunks = channel_chunks(shape, scan.channels), rest = at.unit;
    at.chunk = rest % chunks;
    rest /= chunks;
    at.g = rest % shape.groups;
    rest /= shape.groups;
    at.d = scan.first_direction + rest % scan.direction_count;
    at.n = rest / scan.direction_count;
    int of_group = shape.channels / shape.groups, left = of_group - at.chunk * scan.channels;
    at.first_channel = at.g * of_group + at.chunk * scan.channels;
    at.channels = left < scan.channels ? left : scan.channels;

    int direction = direction_at(shape.directions, at.d);
    at.columns = direction == LEFT_TO_RIGHT || direction == RIGHT_TO_LEFT;
    at.backwards = direction == RIGHT_TO_LEFT || direction == BOTTOM_TO_TOP;
    at.descending = at.backwards != gradient;
    at.lines = at.columns ? shape.width : shape.height;
    at.length = at.columns ? shape.height : shape.width;

    at.team = whole_block();
    int overlap = at.team.warps > 1 ? SPN_HALO : 0, reach = SPN_WARP * SPN_PIXELS;
    at.start = at.segment * scan.segment_pixels;
    at.end = at.start + scan.segment_pixels;
    at.origin = at.start - scan.margin;
    at.staged = scan.segment_pixels + 2 * scan.margin;
    at.pixels = at.team.warps * (reach - 2 * overlap) + 2 * overlap;
    at.pixel = at.team.warp * (reach - 2 * overlap) + at.team.lane * SPN_PIXELS;
    int lanes = overlap / SPN_PIXELS;
    at.owner = (at.team.warp == 0 || at.team.lane >= lanes) && (at.team.warp == at.team.warps - 1 || at.team.lane < SPN_WARP - lanes);
    return at;
}

// Finds out which gates of a lane's j-th pixel are present, on the scan's first line or on a later one.
__device__ __forceinline__ void find_present(const Shape& shape, const Position& at, int j, bool first_line, bool present[3])
{
    int pixel = at.origin + at.pixel + j;
    present[1] = !first_line && at.inside(j);
    present[0] = present[1] && GATES(shape) == 3 && pixel > 0;
    present[2] = present[1] && GATES(shape) == 3 && pixel + 1 < at.length;
}

// Loads the raw guidance of a lane's pixels on one line. `tiles` are the tiles of the gates, one after the other.
__device__ __forceinline__ void load_guidance(
    const Shape& shape, const stored* tiles, int tile_size, int stride, int pack, int line, int pixel, real r[3][SPN_PIXELS])
{
    if (GATES(shape) == 3) {
#pragma unroll
        for (int k = 0; k < 3; k++)
            load_real(tiles + k * tile_size, stride, pack, line, pixel, r[k]);
    } else {
        load_real(tiles, stride, pack, line, pixel, r[1]);
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++)
            r[0][j] = r[2][j] = 0;
    }
}

__device__ __forceinline__ void normalize_lane(
    const Shape& shape, const Position& at, bool first_line, const real r[3][SPN_PIXELS], real p[3][SPN_PIXELS])
{
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++) {
        bool present[3];
        find_present(shape, at, j, first_line, present);
        real raw[3] = {r[0][j], r[1][j], r[2][j]}, gates[3];
        normalize(NORMALIZATION(shape), raw, present, gates);
        p[0][j] = gates[0];
        p[1][j] = gates[1];
        p[2][j] = gates[2];
    }
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
    int size; // of one half
    int turn;
    bool needed;
};

__device__ __forceinline__ int exchange_size(const Scan& scan, const Position& at) { return scan.channels * at.pixels; }

__device__ __forceinline__ Exchange make_exchange(real* lines, const Scan& scan, const Position& at)
{
    Exchange exchange;
    exchange.lines = lines;
    exchange.size = exchange_size(scan, at);
    exchange.turn = 0;
    exchange.needed = at.team.warps > 1 || scan.cluster > 1;
    return exchange;
}

// Before the barrier: publishes the lane's pixels.
__device__ __forceinline__ void publish(Exchange& exchange, const Position& at, const real values[SPN_CHANNELS][SPN_PIXELS])
{
    exchange.turn ^= 1;
    if (!exchange.needed || !at.owner)
        return;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
        if (c < at.channels)
            store_pixels(exchange.lines + exchange.turn * exchange.size, at.pixels, c, at.pixel, values[c]);
}

// After the barrier: replaces invalid pixels by those of another warp or of another block of the cluster.
__device__ __forceinline__ void refresh(
    const Exchange& exchange, const Scan& scan, const Position& at, real values[SPN_CHANNELS][SPN_PIXELS])
{
    if (!exchange.needed)
        return;
    const real* line = exchange.lines + exchange.turn * exchange.size + at.pixel;
    int first = at.origin + at.pixel;
    bool before = scan.cluster > 1 && first < at.start, after = scan.cluster > 1 && first >= at.end;
    if (before || after) {
        if (before ? at.segment == 0 : at.segment == scan.segments - 1 || first >= at.end + scan.margin)
            return;
        int rank = before ? at.segment - 1 : at.segment + 1, shift = before ? scan.segment_pixels : -scan.segment_pixels;
        for (int c = 0; c < SPN_CHANNELS; c++)
            for (int j = 0; j < SPN_PIXELS; j++)
                if (c < at.channels)
                    values[c][j] = read_peer(line + c * at.pixels + shift + j, rank);
    } else if (!at.owner) {
#pragma unroll
        for (int c = 0; c < SPN_CHANNELS; c++)
            if (c < at.channels)
#pragma unroll
                for (int j = 0; j < SPN_PIXELS; j++)
                    values[c][j] = line[c * at.pixels + j];
    }
}

// A launch that continues a scan loads the last line of the previous launch.
__device__ __forceinline__ void load_state(const Scan& scan, const Position& at, real values[SPN_CHANNELS][SPN_PIXELS])
{
    bool fresh = scan.first_tile == 0;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            long long line = (long long)at.unit * scan.channels + c;
            bool empty = fresh || c >= at.channels || !at.inside(j);
            values[c][j] = empty ? 0 : scan.state_in[line * scan.state_stride + at.origin + at.pixel + j];
        }
}

__device__ __forceinline__ void store_state(const Scan& scan, const Position& at, const real values[SPN_CHANNELS][SPN_PIXELS])
{
    int first = at.origin + at.pixel;
    if (scan.state_out == 0 || !at.owner || first < at.start || first >= at.end)
        return;
#pragma unroll
    for (int c = 0; c < SPN_CHANNELS; c++)
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            long long line = (long long)at.unit * scan.channels + c;
            if (c < at.channels && at.inside(j))
                scan.state_out[line * scan.state_stride + first + j] = values[c][j];
        }
}

#endif
