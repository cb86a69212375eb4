// The work of a block and the pixels of its lanes.
#ifndef SPN_POSITION_CUH
#define SPN_POSITION_CUH
#include "tile.cuh"

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
#ifdef SPN_WARPS
#define WARPS() SPN_WARPS
#else
#define WARPS() ((int)blockDim.x / SPN_WARP)
#endif

struct Scan {
    Shape shape;
    int first_direction, direction_count; // of this launch, among the selected directions
    int channels;                         // per block, at most SPN_CHANNELS
    int segments;                         // per line
    int margin;                           // pixels per side that a segment shares with the next: a multiple of SPN_HALO, or 0
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
    int origin, stride;      // the first pixel that it holds, and the distance to that of the next segment
    int pixel;               // the lane's first pixel
    bool owner;              // whether this warp, not an overlapping one, provides the lane's pixels
    Team team;

    __device__ __forceinline__ int tiles() const { return (lines + SPN_LINES - 1) / SPN_LINES; }
    __device__ __forceinline__ int tile_at(int i) const { return descending ? tiles() - 1 - i : i; }

    // How many of the lane's pixels this block writes.
    __device__ __forceinline__ int written() const { return owner && pixel >= start && pixel < end ? length - pixel : 0; }
};

// Completes a position whose n, d, g, channels, origin and segment are known.
__device__ __forceinline__ void orient(const Shape& shape, Position& at, bool gradient)
{
    int direction = direction_at(shape.directions, at.d);
    at.columns = direction == LEFT_TO_RIGHT || direction == RIGHT_TO_LEFT;
    at.backwards = direction == RIGHT_TO_LEFT || direction == BOTTOM_TO_TOP;
    at.descending = at.backwards != gradient;
    at.lines = at.columns ? shape.width : shape.height;
    at.length = at.columns ? shape.height : shape.width;
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
    orient(shape, at, gradient);

    at.team.warp = threadIdx.x / SPN_WARP;
    at.team.warps = WARPS();
    at.team.lane = threadIdx.x % SPN_WARP;
    int held = at.team.held();
    at.stride = held - 2 * scan.margin;
    at.origin = at.segment * at.stride;
    at.start = at.segment == 0 ? 0 : at.origin + scan.margin;
    at.end = at.segment == scan.segments - 1 ? at.length : at.origin + held - scan.margin;
    at.pixel = at.origin + at.team.warp * OWN_PIXELS + at.team.lane * SPN_PIXELS;
    int lanes = SPN_HALO / SPN_PIXELS;
    at.owner = (at.team.warp == 0 || at.team.lane >= lanes) && (at.team.warp == at.team.warps - 1 || at.team.lane < SPN_WARP - lanes);
    return at;
}

#endif
