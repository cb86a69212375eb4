// Adds the partial sums of the backward scans, always in the same order. One thread per pixel. Bound by memory bandwidth.
#include "gates.cuh"
#include "position.cuh"

struct SumDirectionsArguments {
    const real* parts; // [N, D, C, H·W]
    stored* grad_x;    // [N, C, H·W]
    long long of_image; // C·H·W
    long long count;    // N·C·H·W
    int directions;
};

extern "C" __global__ void __launch_bounds__(256, 1) spn_sum_directions(const SumDirectionsArguments a)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x) {
        const real* parts = a.parts + i / a.of_image * (a.directions * a.of_image) + i % a.of_image;
        real sum = parts[0];
        for (int d = 1; d < a.directions; d++)
            sum += parts[d * a.of_image];
        a.grad_x[i] = to_stored(sum);
    }
}

struct SumGatesArguments {
    Shape shape;
    int parts;
    Map guidance;
    const real* gates;       // [parts, N, D, K, G, H·W]: ∂L/∂p, or ∂L/∂r for softmax without λ
    const real* input_gates; // [parts, N, D, G, H·W], or null
    stored* grad_guidance;   // [N, D, K, G, H·W]: ∂L/∂r
    stored* grad_input_gate; // [N, D, G, H·W], or null
    int direction_count;
};

__device__ __forceinline__ real sum_parts(const real* first, int parts, long long size)
{
    real sum = first[0];
    for (int i = 1; i < parts; i++)
        sum += first[i * size];
    return sum;
}

// One thread per (n, d, g, pixel), because the three gates of a pixel are normalised together.
extern "C" __global__ void __launch_bounds__(256, 1) spn_sum_gates(const SumGatesArguments a)
{
    const Shape& shape = a.shape;
    long long plane = (long long)shape.height * shape.width, count = (long long)shape.batch * a.direction_count * shape.groups * plane;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        long long pixel = i % plane, unit = i / plane;
        int g = (int)(unit % shape.groups), y = (int)(pixel / shape.width), x = (int)(pixel % shape.width);
        long long nd = unit / shape.groups;
        int d = (int)(nd % a.direction_count), n = (int)(nd / a.direction_count);
        int direction = direction_at(shape.directions, d);
        bool columns = direction == LEFT_TO_RIGHT || direction == RIGHT_TO_LEFT;
        int line = columns ? x : y, across = columns ? y : x, length = columns ? shape.height : shape.width;
        int lines = columns ? shape.width : shape.height;
        bool later = direction == LEFT_TO_RIGHT || direction == TOP_TO_BOTTOM ? line > 0 : line + 1 < lines;
        bool three = GATES(shape) == 3, present[3] = {later && three && across > 0, later, later && three && across + 1 < length};

        const stored* guidance = (const stored*)a.guidance.data + n * a.guidance.batch + y * a.guidance.row + x * a.guidance.column;
        long long first = nd * GATES(shape) * shape.groups + g, step = shape.groups; // planes of this pixel's gates
        long long size = (long long)shape.batch * a.direction_count * GATES(shape) * shape.groups * plane;
        const real absent = absent_guidance(NORMALIZATION(shape));
        real r[3] = {absent, absent, absent}, p[3], gradient[3] = {0, 0, 0}, rest;
        for (int k = 0; k < 3; k++) {
            if (!three && k != 1)
                continue;
            int at = three ? k : 0;
            if (present[k])
                r[k] = to_real(guidance[((d * GATES(shape) + at) * shape.groups + g) * a.guidance.channel]);
            gradient[k] = sum_parts(a.gates + (first + at * step) * plane + pixel, a.parts, size);
        }
        if (NORMALIZATION(shape) != NORMALIZATION_SOFTMAX || INPUT_GATE(shape)) {
            for (int k = 0; k < 3; k++)
                p[k] = r[k];
            normalize(NORMALIZATION(shape), three, p[0], p[1], p[2], rest);
            raw_gradient(NORMALIZATION(shape), r, p, gradient);
            for (int k = 0; k < 3; k++)
                gradient[k] = present[k] ? gradient[k] : 0;
        }
        for (int k = 0; k < 3; k++)
            if (three || k == 1)
                a.grad_guidance[(first + (three ? k : 0) * step) * plane + pixel] = to_stored(gradient[k]);
        if (a.input_gates)
            a.grad_input_gate[i] = to_stored(sum_parts(a.input_gates + i, a.parts, count));
    }
}
