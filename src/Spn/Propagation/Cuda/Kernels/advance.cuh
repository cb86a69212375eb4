// The recurrence, computed in registers.
#ifndef SPN_ADVANCE_CUH
#define SPN_ADVANCE_CUH
#include "scan.cuh"

// One step for a lane's pixels of one channel: replaces h of the previous line by h of the current one.
__device__ __forceinline__ void advance(
    const Shape& shape, const Position& at, const real p[3][SPN_PIXELS], const real input_gate[SPN_PIXELS], const real x[SPN_PIXELS],
    real h[SPN_PIXELS])
{
    real before = from_before(h[SPN_PIXELS - 1], at.team.lane), after = from_after(h[0], at.team.lane);
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++) {
        real next = j == SPN_PIXELS - 1 ? after : h[j + 1];
        real base = INPUT_GATE(shape) ? 0 : x[j];
        real value = INPUT_GATE(shape) ? input_gate[j] * x[j] : x[j];
        value = multiply_add(p[0][j], before - base, value);
        value = multiply_add(p[1][j], h[j] - base, value);
        value = multiply_add(p[2][j], next - base, value);
        before = h[j];
        h[j] = at.inside(j) ? value : 0;
    }
}

#endif
