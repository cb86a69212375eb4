// The forward scans and the merge of a plane that fits in a block's shared memory, for any number of rounds. It takes one launch, and only
// x, the gates and the result pass through global memory.
//
// Mapping: one block per plane (n, c), one warp per direction. A line has at most 32·SPN_PIXELS pixels, so a warp holds it in registers and
// scans without a barrier. Its gates arrive through the warp's own ring, SPN_STAGES - 1 tiles ahead. x and the map of each direction are in
// shared memory, with rows padded to an odd length so that rows and columns are read at the same speed. Bound by the chain of steps: lines
// · (two shuffles and four dependent operations).
#include "advance.cuh"
#include "combine.cuh"

struct PlaneArguments {
    Shape shape;
    Map x, guidance, input_gate, output;
    int direction_count, combine, rounds;
};

__device__ __forceinline__ Position whole_line(const Shape& shape, int n, int g, int d, int lane)
{
    Position at = {};
    at.n = n;
    at.g = g;
    at.d = d;
    orient(shape, at, false);
    at.team.warps = 1;
    at.team.lane = lane;
    at.pixel = lane * SPN_PIXELS;
    at.owner = true;
    return at;
}

// Scans a plane in one direction: x to h, both [H, row]. h is rounded as if it had been stored in global memory.
template <bool Columns, bool Descending>
__device__ __forceinline__ void scan_plane(
    const PlaneArguments& a, const Position& at, unsigned char* ring, const real* x_plane, real* h_plane, int row)
{
    const Shape& shape = a.shape;
    const Copier<Columns> copier(at.team, 0, at.lines, at.length);
    const Reader<Columns> reader(at.team);
    const GateSources<Columns> sources(shape, at, copier, a.guidance, a.input_gate);
    const SharedAddress to = shared_address(ring);
    const int tile_bytes = at.team.tile_bytes(), stage_bytes = (GATES(shape) + INPUT_GATE(shape)) * tile_bytes, tiles = at.tiles();
    const int line_step = Columns ? 1 : row, pixel_step = Columns ? row : 1;
    for (int i = 0; i < SPN_STAGES - 1; i++) {
        if (i < tiles)
            sources.stage_tile(shape, copier, to + i * stage_bytes, tile_bytes, at.tile_at(i));
        commit_copies();
    }

    real h[SPN_PIXELS] = {};
#pragma unroll 1
    for (int i = 0; i < tiles; i++) {
        int tile = at.tile_at(i), first = tile * SPN_LINES;
        wait_copies<SPN_STAGES - 2>();
        __syncwarp(); // this tile has arrived, and the previous tile's slot is free
        if (i + SPN_STAGES - 1 < tiles)
            sources.stage_tile(
                shape, copier, to + (i + SPN_STAGES - 1) % SPN_STAGES * stage_bytes, tile_bytes, at.tile_at(i + SPN_STAGES - 1));
        commit_copies();
#pragma unroll
        for (int q = 0; q < SPN_LINES / SPN_GROUP; q++) {
            const int line = (Descending ? SPN_LINES / SPN_GROUP - 1 - q : q) * SPN_GROUP;
            Gates gates;
            load_gates<Columns, false>(
                shape, at, reader, to + i % SPN_STAGES * stage_bytes, tile_bytes, line,
                Descending ? at.lines - 1 - first : tile == 0 ? 0 : -1, gates);
            real x[SPN_GROUP][SPN_PIXELS];
            const int from = (first + line) * line_step + at.pixel * pixel_step;
#pragma unroll
            for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
                for (int j = 0; j < SPN_PIXELS; j++) {
                    bool inside = first + line + s < at.lines && at.pixel + j < at.length;
                    x[s][j] = inside ? x_plane[from + s * line_step + j * pixel_step] : 0;
                }
#pragma unroll
            for (int l = 0; l < SPN_GROUP; l++) {
                const int s = Descending ? SPN_GROUP - 1 - l : l;
                advance(shape, at.team.lane, gates, s, x, h);
#pragma unroll
                for (int j = 0; j < SPN_PIXELS; j++)
                    if (first + line + s < at.lines && at.pixel + j < at.length)
                        h_plane[from + s * line_step + j * pixel_step] = to_real(to_stored(h[j]));
            }
        }
    }
}

__device__ __forceinline__ real merge_pixel(const PlaneArguments& a, const real* h_planes, int plane_size, int at)
{
    real merged = h_planes[at];
    for (int d = 1; d < a.direction_count; d++)
        merged = combine(a.combine, merged, h_planes[d * plane_size + at], (real)1 / (real)(d + 1));
    return merged;
}

extern "C" __global__ void __launch_bounds__(128, 1) spn_plane(const PlaneArguments a)
{
    SPN_SHARED(shared);
    const Shape& shape = a.shape;
    int n = blockIdx.x / shape.channels, c = blockIdx.x % shape.channels, warp = threadIdx.x / SPN_WARP, lane = threadIdx.x % SPN_WARP;
    int row = shape.width | 1, size = (shape.height * row + 3) / 4 * 4, pixels = shape.height * shape.width;
    Position at = whole_line(shape, n, c / (shape.channels / shape.groups), warp, lane);
    unsigned char* ring = shared + warp * SPN_STAGES * (GATES(shape) + INPUT_GATE(shape)) * at.team.tile_bytes();
    real* x_plane = (real*)(shared + a.direction_count * SPN_STAGES * (GATES(shape) + INPUT_GATE(shape)) * at.team.tile_bytes());
    real* h_planes = x_plane + size;
    real* h_plane = h_planes + warp * size;

    const stored* x = plane_of<stored>(a.x, n, c);
    for (int i = threadIdx.x; i < pixels; i += blockDim.x)
        x_plane[i / shape.width * row + i % shape.width] = to_real(x[i / shape.width * a.x.row + i % shape.width]);
    stored* output = plane_of<stored>(a.output, n, c);
    __syncthreads();
#pragma unroll 1
    for (int round = 1; round <= a.rounds; round++) {
        if (at.columns && at.descending)
            scan_plane<true, true>(a, at, ring, x_plane, h_plane, row);
        else if (at.columns)
            scan_plane<true, false>(a, at, ring, x_plane, h_plane, row);
        else if (at.descending)
            scan_plane<false, true>(a, at, ring, x_plane, h_plane, row);
        else
            scan_plane<false, false>(a, at, ring, x_plane, h_plane, row);
        __syncthreads(); // the maps of all directions are complete
        for (int i = threadIdx.x; i < pixels; i += blockDim.x) {
            int in_plane = i / shape.width * row + i % shape.width;
            stored merged = to_stored(merge_pixel(a, h_planes, size, in_plane));
            if (round == a.rounds)
                output[i / shape.width * a.output.row + i % shape.width] = merged;
            else
                x_plane[in_plane] = to_real(merged);
        }
        __syncthreads(); // the next round's x is complete, and its maps can be written
    }
}
