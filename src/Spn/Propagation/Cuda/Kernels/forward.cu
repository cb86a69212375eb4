// The forward scan: h = x + Σ p_k (h_k - x), or λ·x + Σ p_k h_k. The raw guidance is normalised as it is read.
//
// Mapping: see scan.cuh. A tile has the planes of the guidance, λ, the block's channels of x and, if the result is to be combined with that
// of earlier directions, those of the result.
// Traffic per pixel, in elements: a direction's gates once for all channels of the block, x and the result once per channel. Bound by
// memory bandwidth if there are enough blocks for all multiprocessors, otherwise by the chain of steps: two shuffles and four dependent
// operations each.
#include "advance.cuh"
#include "combine.cuh"

struct ForwardArguments {
    Scan scan;
    Map x, guidance, input_gate;
    Map target;              // [N, C, H, W], or [N, D·C, H, W] per direction
    int target_by_direction;
    int combine;             // how to combine with the values in the target
    double weight;
};

#ifdef SPN_COMBINE
#define COMBINE(a) SPN_COMBINE
#else
#define COMBINE(a) ((a).combine)
#endif

template <bool Columns, bool Descending>
struct ForwardPass {
    const ForwardArguments& a;
    const Position& at;
    Copier<Columns> copier;
    Reader<Columns> reader;
    GateSources<Columns> gates;
    Source x, old;
    stored* target;
    int tile_bytes, stage_bytes, x_tile, old_tile, pixels;

    __device__ __forceinline__ ForwardPass(const ForwardArguments& a, const Position& at)
        : a(a), at(at), copier(at.team, at.origin, at.lines, at.length), reader(at.team),
          gates(a.scan.shape, at, copier, a.guidance, a.input_gate)
    {
        const Shape& shape = a.scan.shape;
        tile_bytes = at.team.tile_bytes();
        x_tile = GATES(shape) + INPUT_GATE(shape);
        old_tile = x_tile + a.scan.channels;
        stage_bytes = (COMBINE(a) == COMBINE_SET ? old_tile : old_tile + a.scan.channels) * tile_bytes;
        pixels = at.written();
        int channel = (a.target_by_direction ? at.d * shape.channels : 0) + at.first_channel;
        x = copier.source(a.x, at.n, at.first_channel);
        if (COMBINE(a) != COMBINE_SET)
            old = copier.source(a.target, at.n, channel);
        target = plane_of<stored>(a.target, at.n, channel) + (Columns ? at.pixel * a.target.row : at.pixel);
    }

    __device__ __forceinline__ void stage_tile(SharedAddress to, int tile) const
    {
        gates.stage_tile(a.scan.shape, copier, to, tile_bytes, tile);
        stage_channels(at, copier, to + x_tile * tile_bytes, tile_bytes, x, a.x.channel, tile);
        if (COMBINE(a) != COMBINE_SET)
            stage_channels(at, copier, to + old_tile * tile_bytes, tile_bytes, old, a.target.channel, tile);
    }

    __device__ __forceinline__ void begin(int) {}

    __device__ __forceinline__ void process(
        SharedAddress tiles, int tile, int line, real (&h)[SPN_CHANNELS][SPN_PIXELS]) const
    {
        const Shape& shape = a.scan.shape;
        const int first = tile * SPN_LINES, lines = at.lines - first - line;
        Gates group;
        load_gates<Columns, false>(
            shape, at, reader, tiles, tile_bytes, line, Descending ? at.lines - 1 - first : tile == 0 ? 0 : -1, group);
        stored* to = target + (Columns ? (long long)(first + line) : (first + line) * a.target.row);
#pragma unroll
        for (int c = 0; c < SPN_CHANNELS; c++, to += a.target.channel) {
            if (c < at.channels) {
                real values[SPN_GROUP][SPN_PIXELS], before[SPN_GROUP][SPN_PIXELS];
                reader.group(tiles + (x_tile + c) * tile_bytes, line, values);
                if (COMBINE(a) != COMBINE_SET)
                    reader.group(tiles + (old_tile + c) * tile_bytes, line, before);
#pragma unroll
                for (int l = 0; l < SPN_GROUP; l++) {
                    const int s = Descending ? SPN_GROUP - 1 - l : l;
                    advance(shape, at.team.lane, group, s, values, h[c]);
#pragma unroll
                    for (int j = 0; j < SPN_PIXELS; j++)
                        values[s][j] = COMBINE(a) == COMBINE_SET ? h[c][j] : combine(COMBINE(a), before[s][j], h[c][j], (real)a.weight);
                }
                write_group<Columns>(to, a.target.row, values, lines, pixels);
            }
        }
    }
};

extern "C" __global__ void __launch_bounds__(320, 1) spn_forward(const ForwardArguments a)
{
    SPN_SHARED(shared);
    run_pass<ForwardPass, false>(a, shared);
}
