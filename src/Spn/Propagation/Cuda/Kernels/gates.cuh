// Normalises the raw guidance r of one pixel to gates p, and computes the gradient of r; see GateNormalization for the formulas. An absent
// gate (outside the image, on the first line, or at the sides of a one-way connection) takes no part and its result is 0.
#ifndef SPN_GATES_CUH
#define SPN_GATES_CUH
#include "scalar.cuh"

// Must match the C# enumeration.
enum Normalization { NORMALIZATION_NONE, NORMALIZATION_CLAMPED, NORMALIZATION_ABS_SUM, NORMALIZATION_SOFTMAX, NORMALIZATION_SIGMOID };

// The lower bound of the divisor Σ|r| in the signed modes.
__device__ __forceinline__ real signed_floor(int normalization)
{
    return normalization == NORMALIZATION_CLAMPED ? (real)1 : (real)1e-6;
}

__device__ __forceinline__ real absolute_sum(const real r[3], const bool present[3])
{
    real sum = 0;
#pragma unroll
    for (int k = 0; k < 3; k++)
        sum += present[k] ? magnitude(r[k]) : 0;
    return sum;
}

// σ(r)·e^-shift, computed with exponents that are never positive.
__device__ __forceinline__ real scaled_sigmoid(real r, real shift)
{
    return exponential(smaller(r, 0) - shift) / (1 + exponential(-magnitude(r)));
}

__device__ __forceinline__ void normalize(int normalization, const real r[3], const bool present[3], real p[3])
{
    if (normalization == NORMALIZATION_NONE) {
#pragma unroll
        for (int k = 0; k < 3; k++)
            p[k] = present[k] ? r[k] : 0;
    } else if (normalization == NORMALIZATION_CLAMPED || normalization == NORMALIZATION_ABS_SUM) {
        // Divide rather than multiply by a reciprocal: a single gate must be exactly ±1, otherwise its gradient is rounding noise divided
        // by S.
        real scale = larger(absolute_sum(r, present), signed_floor(normalization));
#pragma unroll
        for (int k = 0; k < 3; k++)
            p[k] = present[k] ? r[k] / scale : 0;
    } else if (normalization == NORMALIZATION_SOFTMAX) {
        real largest = 0;
#pragma unroll
        for (int k = 0; k < 3; k++)
            largest = present[k] ? larger(largest, r[k]) : largest;
        real sum = exponential(-largest);
#pragma unroll
        for (int k = 0; k < 3; k++) {
            p[k] = present[k] ? exponential(r[k] - largest) : 0;
            sum += p[k];
        }
        real scale = 1 / sum;
#pragma unroll
        for (int k = 0; k < 3; k++)
            p[k] *= scale;
    } else {
        // Every σ is scaled by e^-shift with shift = min(0, largest r), so that very negative guidance keeps its ratios and does not give
        // 0/0.
        real largest = (real)-1e30;
#pragma unroll
        for (int k = 0; k < 3; k++)
            largest = present[k] ? larger(largest, r[k]) : largest;
        real shift = smaller(largest, 0), sum = 0;
#pragma unroll
        for (int k = 0; k < 3; k++) {
            p[k] = present[k] ? scaled_sigmoid(r[k], shift) : 0;
            sum += p[k];
        }
        // The largest scaled σ is at least 1/2, so the bound only matters if no gate is present.
        sum = larger(sum, (real)0.25);
#pragma unroll
        for (int k = 0; k < 3; k++)
            p[k] /= sum;
    }
}

// ∂L/∂r from ∂L/∂p, in place. p are the gates that belong to r.
__device__ __forceinline__ void raw_gradient(int normalization, const real r[3], const bool present[3], const real p[3], real d[3])
{
    if (normalization == NORMALIZATION_NONE)
        return;
    real dot = 0;
#pragma unroll
    for (int k = 0; k < 3; k++)
        dot = multiply_add(d[k], p[k], dot);
    if (normalization == NORMALIZATION_CLAMPED || normalization == NORMALIZATION_ABS_SUM) {
        real floor = signed_floor(normalization), sum = absolute_sum(r, present), scale = larger(sum, floor);
        dot = sum > floor ? dot : 0;
#pragma unroll
        for (int k = 0; k < 3; k++)
            d[k] = present[k] ? (d[k] - (r[k] > 0 ? dot : r[k] < 0 ? -dot : 0)) / scale : 0;
    } else {
#pragma unroll
        for (int k = 0; k < 3; k++) {
            real slope = normalization == NORMALIZATION_SOFTMAX ? p[k] : p[k] * scaled_sigmoid(-r[k], 0);
            d[k] = present[k] ? slope * (d[k] - dot) : 0;
        }
    }
}

#endif
