// The forward scans and the merge of a plane that fits in a block's shared memory. It takes one launch, and only x, the gates and the
// result pass through global memory.
//
// Mapping: one block per plane (n, c), one warp per direction. A line has at most 32·SPN_PIXELS pixels, so a warp holds it in registers and
// scans without a barrier. Its gates arrive through the warp's own ring, SPN_STAGES - 1 tiles ahead. x and the map of each direction are in
// shared memory, with rows padded to an odd length so that rows and columns are read at the same speed. Bound by the chain of steps: lines
// · (two shuffles and four dependent operations).
#include "advance.cuh"

struct PlaneArguments {
    Shape shape;
    Map x, guidance, input_gate, output;
    int direction_count, combine;
};

__device__ __forceinline__ Position whole_line(const Shape& shape, int n, int g, int d, int lane)
{
    Position at = {};
    at.n = n;
    at.g = g;
    at.d = d;
    int direction = direction_at(shape.directions, d);
    at.columns = direction == LEFT_TO_RIGHT || direction == RIGHT_TO_LEFT;
    at.backwards = direction == RIGHT_TO_LEFT || direction == BOTTOM_TO_TOP;
    at.descending = at.backwards;
    at.lines = at.columns ? shape.width : shape.height;
    at.length = at.columns ? shape.height : shape.width;
    at.pixels = SPN_WARP * SPN_PIXELS;
    at.pixel = lane * SPN_PIXELS;
    at.owner = true;
    at.team.warps = 1;
    at.team.lane = lane;
    return at;
}

__device__ __forceinline__ void stage_gates(const PlaneArguments& a, const Position& at, stored* to, int stride, int tile)
{
    const Shape& shape = a.shape;
    for (int k = 0; k < GATES(shape); k++, to += SPN_LINES * stride) {
        int channel = (at.d * GATES(shape) + k) * shape.groups + at.g;
        Plane<stored> plane = plane_of<stored>(a.guidance, at.n, channel, shape.height, shape.width, at.columns);
        stage(to, stride, plane, at.columns, tile * SPN_LINES, SPN_LINES, 0, at.pixels, at.team);
    }
    if (INPUT_GATE(shape)) {
        Plane<stored> plane = plane_of<stored>(a.input_gate, at.n, at.d * shape.groups + at.g, shape.height, shape.width, at.columns);
        stage(to, stride, plane, at.columns, tile * SPN_LINES, SPN_LINES, 0, at.pixels, at.team);
    }
}

// Scans a plane in one direction: x to h, both [H, row]. h is rounded as if it had been stored in global memory.
__device__ __forceinline__ void scan_plane(
    const PlaneArguments& a, const Position& at, stored* ring, const real* x_plane, real* h_plane, int row)
{
    const Shape& shape = a.shape;
    int pack = packed_lines<stored>(at.columns), stride = tile_stride<stored>(at.pixels), tile_size = SPN_LINES * stride;
    int stage_size = (GATES(shape) + INPUT_GATE(shape)) * tile_size, tiles = at.tiles();
    int line_step = at.columns ? 1 : row, pixel_step = at.columns ? row : 1;
    for (int i = 0; i < SPN_STAGES - 1; i++) {
        if (i < tiles)
            stage_gates(a, at, ring + i * stage_size, stride, at.tile_at(i));
        commit_copies();
    }

    real h[SPN_PIXELS] = {};
    for (int i = 0; i < tiles; i++) {
        int tile = at.tile_at(i), lines = at.lines_of(tile);
        wait_copies<SPN_STAGES - 2>();
        __syncwarp(); // this tile has arrived, and the previous tile's slot is free
        if (i + SPN_STAGES - 1 < tiles)
            stage_gates(a, at, ring + (i + SPN_STAGES - 1) % SPN_STAGES * stage_size, stride, at.tile_at(i + SPN_STAGES - 1));
        commit_copies();

        const stored* guidance = ring + i % SPN_STAGES * stage_size;
        for (int s = 0; s < lines; s++) {
            int line = at.descending ? lines - 1 - s : s;
            int first = (tile * SPN_LINES + line) * line_step + at.pixel * pixel_step;
            real r[3][SPN_PIXELS], p[3][SPN_PIXELS], input_gate[SPN_PIXELS], x[SPN_PIXELS];
            load_guidance(shape, guidance, tile_size, stride, pack, line, at.pixel, r);
            normalize_lane(shape, at, i == 0 && s == 0, r, p);
            if (INPUT_GATE(shape))
                load_real(guidance + GATES(shape) * tile_size, stride, pack, line, at.pixel, input_gate);
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                x[j] = at.inside(j) ? x_plane[first + j * pixel_step] : 0;
            advance(shape, at, p, input_gate, x, h);
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                if (at.inside(j))
                    h_plane[first + j * pixel_step] = to_real(to_stored(h[j]));
        }
    }
}

__device__ __forceinline__ real merge_pixel(const PlaneArguments& a, const real* h_planes, int plane_size, int at)
{
    real merged = h_planes[at];
    for (int d = 1; d < a.direction_count; d++) {
        real value = h_planes[d * plane_size + at];
        if (a.combine == COMBINE_RUNNING_MEAN)
            merged = multiply_add(value - merged, (real)1 / (real)(d + 1), merged);
        else
            merged = value > merged ? value : merged;
    }
    return merged;
}

extern "C" __global__ void __launch_bounds__(128) spn_plane(const PlaneArguments a)
{
    SPN_SHARED(shared);
    const Shape& shape = a.shape;
    int n = blockIdx.x / shape.channels, c = blockIdx.x % shape.channels, warp = threadIdx.x / SPN_WARP, lane = threadIdx.x % SPN_WARP;
    int row = shape.width | 1, size = (shape.height * row + 3) / 4 * 4, pixels = shape.height * shape.width;
    real* x_plane = (real*)shared;
    real* h_planes = x_plane + size;
    stored* rings = (stored*)(h_planes + a.direction_count * size);
    int ring_size = SPN_STAGES * (GATES(shape) + INPUT_GATE(shape)) * SPN_LINES * tile_stride<stored>(SPN_WARP * SPN_PIXELS);
    Position at = whole_line(shape, n, c / (shape.channels / shape.groups), warp, lane);

    const stored* x = (const stored*)a.x.data + n * a.x.batch + c * a.x.channel;
    for (int i = threadIdx.x; i < pixels; i += blockDim.x)
        x_plane[i / shape.width * row + i % shape.width] = to_real(x[i / shape.width * a.x.row + i % shape.width * a.x.column]);
    stored* output = (stored*)a.output.data + n * a.output.batch + c * a.output.channel;
    __syncthreads();
    scan_plane(a, at, rings + warp * ring_size, x_plane, h_planes + warp * size, row);
    __syncthreads();
    for (int i = threadIdx.x; i < pixels; i += blockDim.x) {
        real merged = merge_pixel(a, h_planes, size, i / shape.width * row + i % shape.width);
        output[i / shape.width * a.output.row + i % shape.width * a.output.column] = to_stored(merged);
    }
}
