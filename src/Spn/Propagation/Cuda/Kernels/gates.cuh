// Normalises the raw guidance of one pixel to gates, and computes the gradient of the guidance; see GateNormalization for the formulas. A
// gate that is absent (outside the image, on the first line, or at the sides of a one-way connection) takes no part: absent_guidance gives
// 0.
#ifndef SPN_GATES_CUH
#define SPN_GATES_CUH
#include "scalar.cuh"

// Must match the C# enumeration.
enum Normalization { NORMALIZATION_NONE, NORMALIZATION_CLAMPED, NORMALIZATION_ABS_SUM, NORMALIZATION_SOFTMAX, NORMALIZATION_SIGMOID };

__device__ __forceinline__ bool is_share(int normalization)
{
    return normalization == NORMALIZATION_SOFTMAX || normalization == NORMALIZATION_SIGMOID;
}

// The guidance of a gate that is absent: so small that its share is 0, or 0 in the other modes.
__device__ __forceinline__ real absent_guidance(int normalization) { return is_share(normalization) ? (real)-3e38 : 0; }

// The lower bound of the divisor Σ|r| in the signed modes.
__device__ __forceinline__ real signed_floor(int normalization) { return normalization == NORMALIZATION_CLAMPED ? (real)1 : (real)1e-6; }

// σ(r)·e^-shift, computed with exponents that are never positive.
__device__ __forceinline__ real scaled_sigmoid(real r, real shift)
{
    return exponential(smaller(r, 0), shift) * reciprocal(1 + exponential(-magnitude(r), 0));
}

// The gates of the guidance r, in place; of a one-way connection, r[1] alone. `rest` is 1 - Σp, the share of x.
__device__ __forceinline__ void normalize(int normalization, bool three, real& before, real& own, real& after, real& rest)
{
    if (normalization == NORMALIZATION_CLAMPED || normalization == NORMALIZATION_ABS_SUM) {
        // Divide rather than multiply by a reciprocal: a single gate must be exactly ±1, otherwise its gradient is rounding noise divided
        // by S.
        real sum = three ? magnitude(before) + magnitude(own) + magnitude(after) : magnitude(own);
        real scale = larger(sum, signed_floor(normalization));
        before = three ? before / scale : 0;
        own = own / scale;
        after = three ? after / scale : 0;
    } else if (normalization == NORMALIZATION_SOFTMAX) {
        real largest = larger(own, 0);
        if (three)
            largest = larger(largest, larger(before, after));
        real share = exponential(0, largest);
        own = exponential(own, largest);
        before = three ? exponential(before, largest) : 0;
        after = three ? exponential(after, largest) : 0;
        real scale = reciprocal(three ? share + before + own + after : share + own);
        before *= scale;
        own *= scale;
        after *= scale;
        rest = share * scale;
        return;
    } else if (normalization == NORMALIZATION_SIGMOID) {
        // Every σ is scaled by e^-shift with shift = min(0, largest r), so that very negative guidance keeps its ratios and does not give
        // 0/0. If no gate is present, the sum is 0; otherwise the largest scaled σ is at least 1/2.
        real largest = three ? larger(own, larger(before, after)) : own, shift = larger(smaller(largest, 0), (real)-1e38);
        own = scaled_sigmoid(own, shift);
        before = three ? scaled_sigmoid(before, shift) : 0;
        after = three ? scaled_sigmoid(after, shift) : 0;
        real scale = reciprocal(larger(before + own + after, (real)0.25));
        before *= scale;
        own *= scale;
        after *= scale;
    } else if (!three) {
        before = after = 0;
    }
    rest = 1 - (before + own + after);
}

// ∂L/∂r from ∂L/∂p, in place. p are the gates of r. A gate that is absent must not be asked for.
__device__ __forceinline__ void raw_gradient(int normalization, const real r[3], const real p[3], real d[3])
{
    if (normalization == NORMALIZATION_NONE)
        return;
    real dot = multiply_add(d[0], p[0], multiply_add(d[1], p[1], d[2] * p[2]));
    if (!is_share(normalization)) {
        real floor = signed_floor(normalization), sum = magnitude(r[0]) + magnitude(r[1]) + magnitude(r[2]);
        real scale = reciprocal(larger(sum, floor));
        dot = sum > floor ? dot : 0;
#pragma unroll
        for (int k = 0; k < 3; k++)
            d[k] = (d[k] - (r[k] > 0 ? dot : r[k] < 0 ? -dot : 0)) * scale;
    } else {
#pragma unroll
        for (int k = 0; k < 3; k++) {
            real slope = normalization == NORMALIZATION_SOFTMAX ? p[k] : p[k] * scaled_sigmoid(-r[k], 0);
            d[k] = slope * (d[k] - dot);
        }
    }
}

#endif
