// The recurrence, computed in registers.
#ifndef SPN_ADVANCE_CUH
#define SPN_ADVANCE_CUH
#include "scan.cuh"

// A step for a lane's pixels of one channel, by the s-th line of a group: replaces h of the previous line by h of the current one.
__device__ __forceinline__ void advance(
    const Shape& shape, int lane, const Gates& gates, int s, const real (&x)[SPN_GROUP][SPN_PIXELS], real (&h)[SPN_PIXELS])
{
    real before = from_before(h[SPN_PIXELS - 1], lane), after = from_after(h[0], lane);
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++) {
        real next = j == SPN_PIXELS - 1 ? after : h[j + 1 < SPN_PIXELS ? j + 1 : j];
        real base = INPUT_GATE(shape) ? 0 : x[s][j];
        real value = INPUT_GATE(shape) ? gates.input_gate[s][j] * x[s][j] : x[s][j];
        if (GATES(shape) == 3)
            value = multiply_add(gates.p[0][s][j], before - base, value);
        value = multiply_add(gates.p[1][s][j], h[j] - base, value);
        if (GATES(shape) == 3)
            value = multiply_add(gates.p[2][s][j], next - base, value);
        before = h[j];
        h[j] = value;
    }
}

#endif
