// The backward scan visits the lines in reverse order. With g = ∂L/∂h of a pixel, the sum of the contributions of its output and of the
// next line:
// ∂L/∂x = (1 - Σp)·g or λ·g, ∂L/∂p_k = g·(h_k - x) or g·h_k, ∂L/∂λ = g·x, and neighbour k on the previous line receives p_k·g.
// With softmax, Σ p_k·g·(h_k - x) = g·(h - x), so ∂L/∂r_k = p_k·g·(h_k - h), and x is not needed.
//
// Mapping: see scan.cuh. Warps shuffle the products p_k·g rather than the gates, so each gate is read once. The scan state is the gradient
// that the previous line will receive.
// The gradients of the gates are summed over the block's channels in registers. If several blocks divide a group's channels, each writes a
// partial sum and sum.cu adds them: there are no atomics, so results are deterministic. The gradients of x are written per direction and
// also added by sum.cu.
// Traffic per pixel, in elements: the gates and their gradients once for all channels of the block; h, ∂L/∂h, ∂L/∂x and, if needed, x once
// per channel; and one byte that identifies the direction with the maximum. Bound by memory bandwidth, or by the chain of steps if there
// are few blocks.
#include "winners.cuh"

struct BackwardArguments {
    Scan scan;
    Map x, guidance, input_gate;
    Map hidden;              // [N, D·C, H, W]
    Map grad_output;         // [N, C, H, W], or [N, D·C, H, W] per direction
    Map winners;             // [N, C, H, W], bytes
    Map grad_x;              // [N, C, H, W], or partial sums [N, D·C, H, W] of type real
    Map grad_guidance;       // ∂L/∂r [N, D·K·G, H, W], or partial sums [chunks·N, D·K·G, H, W] of type real: see sum.cu
    Map grad_input_gate;     // [N, D·G, H, W], or partial sums [chunks·N, D·G, H, W] of type real
    int grad_output_by_direction, has_winners, grad_x_by_direction, gates_in_parts;
    double weight;           // the weight of a direction in grad_output: 1, or 1/D for a mean
};

#ifdef SPN_WINNERS
#define WINNERS(a) SPN_WINNERS
#else
#define WINNERS(a) ((a).has_winners)
#endif
#ifdef SPN_X_BY_DIRECTION
#define X_BY_DIRECTION(a) SPN_X_BY_DIRECTION
#else
#define X_BY_DIRECTION(a) ((a).grad_x_by_direction)
#endif
#ifdef SPN_IN_PARTS
#define IN_PARTS(a) SPN_IN_PARTS
#else
#define IN_PARTS(a) ((a).gates_in_parts)
#endif

template <bool Columns, bool Descending>
struct BackwardPass {
    const BackwardArguments& a;
    const Position& at;
    Copier<Columns> copier;
    Reader<Columns> reader;
    WinnerTiles<Columns> winners;
    GateSources<Columns> gates;
    Source grad_output, hidden, x;
    int tile_bytes, stage_bytes, output_tile, hidden_tile, x_tile, winners_at, pixels;
    long long grad_x_at, gates_at; // elements from the start of a plane to the lane's first pixel

    __device__ __forceinline__ BackwardPass(const BackwardArguments& a, const Position& at)
        : a(a), at(at), copier(at.team, at.origin, at.lines, at.length), reader(at.team), winners(at.team, at.origin, at.lines, at.length),
          gates(a.scan.shape, at, copier, a.guidance, a.input_gate)
    {
        const Shape& shape = a.scan.shape;
        tile_bytes = at.team.tile_bytes();
        output_tile = GATES(shape) + INPUT_GATE(shape);
        hidden_tile = output_tile + a.scan.channels;
        x_tile = hidden_tile + a.scan.channels;
        winners_at = (needs_x() ? x_tile + a.scan.channels : x_tile) * tile_bytes;
        stage_bytes = winners_at + (WINNERS(a) ? a.scan.channels * winners.tile_bytes : 0);
        pixels = at.written();
        int channel = at.first_channel, by_direction = at.d * shape.channels + channel;
        grad_output = copier.source(a.grad_output, at.n, a.grad_output_by_direction ? by_direction : channel);
        hidden = copier.source(a.hidden, at.n, by_direction);
        if (needs_x())
            x = copier.source(a.x, at.n, channel);
    }

    // Whether gates are plain softmax: the gradient of the guidance then needs no x and no other gates.
    __device__ __forceinline__ bool needs_x() const
    {
        const Shape& shape = a.scan.shape;
        return NORMALIZATION(shape) != NORMALIZATION_SOFTMAX || INPUT_GATE(shape);
    }

    __device__ __forceinline__ void stage_tile(SharedAddress to, int tile) const
    {
        gates.stage_tile(a.scan.shape, copier, to, tile_bytes, tile);
        stage_channels(at, copier, to + output_tile * tile_bytes, tile_bytes, grad_output, a.grad_output.channel, tile);
        stage_channels(at, copier, to + hidden_tile * tile_bytes, tile_bytes, hidden, a.hidden.channel, tile);
        if (needs_x())
            stage_channels(at, copier, to + x_tile * tile_bytes, tile_bytes, x, a.x.channel, tile);
        if (WINNERS(a))
            for (int c = 0; c < at.channels; c++)
                winners.stage_tile(to + winners_at + c * winners.tile_bytes, a.winners, at.n, at.first_channel + c, tile);
    }

    // h of the line before the tile, in the order of the forward scan, which is visited after it. It is 0 outside the image.
    __device__ __forceinline__ void load_beyond(int tile, int c, real (&to)[SPN_PIXELS]) const
    {
        int line = tile * SPN_LINES + (Descending ? -1 : SPN_LINES);
        const stored* plane = plane_of<stored>(a.hidden, at.n, at.d * a.scan.shape.channels + at.first_channel + c);
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            bool inside = (unsigned int)line < (unsigned int)at.lines && at.pixel + j < at.length;
            long long from = Columns ? (at.pixel + j) * a.hidden.row + line : line * a.hidden.row + at.pixel + j;
            to[j] = inside ? to_real(plane[from]) : 0;
        }
    }

    real beyond[SPN_PIXELS]; // of the block's only channel

    __device__ __forceinline__ void begin(int tile)
    {
        if (SPN_CHANNELS == 1)
            load_beyond(tile, 0, beyond);
    }

    // The gradients of the gates of a group of lines, summed over the channels: of p_k, or of r_k without the factor p_k if !needs_x().
    struct Sums {
        real gates[3][SPN_GROUP][SPN_PIXELS];
        real input_gate[SPN_GROUP][SPN_PIXELS];
    };

    // A step for a lane's pixels of one channel. `of` is h on the previous line of the forward scan, with a neighbour on either side.
    // Replaces the gradient arriving from the next line by that for the previous line, and ∂L/∂h by ∂L/∂x.
    __device__ __forceinline__ void retreat(
        const Gates& group, int s, const real (&of)[SPN_PIXELS + 2], const real (&h)[SPN_GROUP][SPN_PIXELS],
        const real (&x)[SPN_GROUP][SPN_PIXELS], bool first_channel, real (&g)[SPN_GROUP][SPN_PIXELS], real (&arriving)[SPN_PIXELS],
        Sums& sums) const
    {
        const Shape& shape = a.scan.shape;
        const bool three = GATES(shape) == 3;
        real w[3][SPN_PIXELS];
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            real all = g[s][j] + arriving[j], base = needs_x() ? (INPUT_GATE(shape) ? 0 : x[s][j]) : h[s][j];
#pragma unroll
            for (int k = 0; k < 3; k++) {
                w[k][j] = 0;
                if (three || k == 1) {
                    w[k][j] = group.p[k][s][j] * all;
                    real& sum = sums.gates[k][s][j];
                    if (SPN_CHANNELS == 1 && !needs_x())
                        sum = w[k][j] * (of[j + k] - base);
                    else
                        sum = first_channel ? all * (of[j + k] - base) : multiply_add(all, of[j + k] - base, sum);
                }
            }
            if (INPUT_GATE(shape))
                sums.input_gate[s][j] = first_channel ? all * x[s][j] : multiply_add(all, x[s][j], sums.input_gate[s][j]);
            g[s][j] = (INPUT_GATE(shape) ? group.input_gate[s][j] : group.rest[s][j]) * all;
        }

        // The gate k = +1 of the pixel above leads to this pixel, and so does the gate k = -1 of the pixel below.
        real above = three ? from_before(w[2][SPN_PIXELS - 1], at.team.lane) : 0, below = three ? from_after(w[0][0], at.team.lane) : 0;
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++) {
            real sum = w[1][j] + (j == 0 ? above : w[2][j > 0 ? j - 1 : 0]);
            arriving[j] = sum + (j == SPN_PIXELS - 1 ? below : w[0][j + 1 < SPN_PIXELS ? j + 1 : j]);
        }
    }

    __device__ __forceinline__ void process(
        SharedAddress tiles, int tile, int line, real (&arriving)[SPN_CHANNELS][SPN_PIXELS]) const
    {
        const Shape& shape = a.scan.shape;
        const int first = tile * SPN_LINES, lines = at.lines - first - line;
        const int first_line = Descending ? (tile == 0 ? 0 : -1) : at.lines - 1 - first; // of the forward scan; this pass visits it last
        const bool at_end = line == (Descending ? 0 : SPN_LINES - SPN_GROUP);
        Gates group;
        load_gates<Columns, true>(shape, at, reader, tiles, tile_bytes, line, first_line, group);
        Sums sums;
#pragma unroll
        for (int c = 0; c < SPN_CHANNELS; c++) {
            if (c < at.channels) {
                real g[SPN_GROUP][SPN_PIXELS], h[SPN_GROUP][SPN_PIXELS], x[SPN_GROUP][SPN_PIXELS], previous[SPN_PIXELS];
                reader.group(tiles + (output_tile + c) * tile_bytes, line, g);
                reader.group(tiles + (hidden_tile + c) * tile_bytes, line, h);
                if (needs_x())
                    reader.group(tiles + (x_tile + c) * tile_bytes, line, x);
                if (!at_end)
                    reader.line(tiles + (hidden_tile + c) * tile_bytes, Descending ? line - 1 : line + SPN_GROUP, previous);
                else if (SPN_CHANNELS > 1)
                    load_beyond(tile, c, previous);
                else
#pragma unroll
                    for (int j = 0; j < SPN_PIXELS; j++)
                        previous[j] = beyond[j];
                if (WINNERS(a))
                    winners.mask(tiles + winners_at + c * winners.tile_bytes, line, at.d, g);
                else
#pragma unroll
                    for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
                        for (int j = 0; j < SPN_PIXELS; j++)
                            g[s][j] *= (real)a.weight;
#pragma unroll
                for (int l = 0; l < SPN_GROUP; l++) {
                    const int s = Descending ? SPN_GROUP - 1 - l : l, next = Descending ? s - 1 : s + 1;
                    real of[SPN_PIXELS + 2];
#pragma unroll
                    for (int j = 0; j < SPN_PIXELS; j++)
                        of[j + 1] = l == SPN_GROUP - 1 ? previous[j] : h[(next + SPN_GROUP) % SPN_GROUP][j];
                    of[0] = from_before(of[SPN_PIXELS], at.team.lane);
                    of[SPN_PIXELS + 1] = from_after(of[1], at.team.lane);
                    retreat(group, s, of, h, x, c == 0, g, arriving[c], sums);
                }
                int channel = at.first_channel + c;
                if (X_BY_DIRECTION(a))
                    write<real>(a.grad_x, at.n, at.d * shape.channels + channel, first + line, g, lines);
                else
                    write<stored>(a.grad_x, at.n, channel, first + line, g, lines);
            }
        }
        finish_gates(group, first_line - line, sums);
        write_gates(sums, first + line, lines);
    }

    // From the sums of ∂L/∂p to ∂L/∂r.
    __device__ __forceinline__ void finish_gates(const Gates& group, int first_line, Sums& sums) const
    {
        const Shape& shape = a.scan.shape;
        const int last = at.length - 1 - at.pixel;
#pragma unroll
        for (int s = 0; s < SPN_GROUP; s++)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++) {
                if (GATES(shape) != 3)
                    sums.gates[0][s][j] = sums.gates[2][s][j] = 0;
                if (!needs_x() && SPN_CHANNELS > 1) {
#pragma unroll
                    for (int k = 0; k < 3; k++)
                        sums.gates[k][s][j] *= group.p[k][s][j];
                } else if (needs_x() && !IN_PARTS(a)) {
                    real r[3] = {group.r[0][s][j], group.r[1][s][j], group.r[2][s][j]};
                    real p[3] = {group.p[0][s][j], group.p[1][s][j], group.p[2][s][j]};
                    real d[3] = {sums.gates[0][s][j], sums.gates[1][s][j], sums.gates[2][s][j]};
                    raw_gradient(NORMALIZATION(shape), r, p, d);
                    bool before = j > 0 || at.pixel > 0, after = j != last, later = s != first_line;
                    sums.gates[0][s][j] = before && later ? d[0] : 0;
                    sums.gates[1][s][j] = later ? d[1] : 0;
                    sums.gates[2][s][j] = after && later ? d[2] : 0;
                }
            }
    }

    __device__ __forceinline__ void write_gates(const Sums& sums, int line, int lines) const
    {
        const Shape& shape = a.scan.shape;
        const int part = at.chunk * shape.batch + at.n;
#pragma unroll
        for (int k = 0; k < 3; k++) {
            if (GATES(shape) != 3 && k != 1)
                continue;
            int channel = (at.d * GATES(shape) + (GATES(shape) == 3 ? k : 0)) * shape.groups + at.g;
            if (IN_PARTS(a))
                write<real>(a.grad_guidance, part, channel, line, sums.gates[k], lines);
            else
                write<stored>(a.grad_guidance, at.n, channel, line, sums.gates[k], lines);
        }
        if (INPUT_GATE(shape)) {
            int channel = at.d * shape.groups + at.g;
            if (IN_PARTS(a))
                write<real>(a.grad_input_gate, part, channel, line, sums.input_gate, lines);
            else
                write<stored>(a.grad_input_gate, at.n, channel, line, sums.input_gate, lines);
        }
    }

    template <typename T>
    __device__ __forceinline__ void write(
        const Map& map, int n, int channel, int line, const real (&values)[SPN_GROUP][SPN_PIXELS], int lines) const
    {
        T* to = plane_of<T>(map, n, channel) + (Columns ? at.pixel * map.row + line : line * map.row + at.pixel);
        write_group<Columns>(to, map.row, values, lines, pixels);
    }
};

extern "C" __global__ void __launch_bounds__(256, 1) spn_backward(const BackwardArguments a)
{
    SPN_SHARED(shared);
    run_pass<BackwardPass, true>(a, shared);
}
