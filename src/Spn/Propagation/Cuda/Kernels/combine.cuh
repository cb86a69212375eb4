// How the result of a direction is combined with that of earlier directions.
#ifndef SPN_COMBINE_CUH
#define SPN_COMBINE_CUH
#include "scalar.cuh"

enum Combine { COMBINE_SET, COMBINE_LARGER, COMBINE_RUNNING_MEAN };

// `weight` is that of the new value in a running mean, which, unlike a sum that is divided at the end, keeps a constant exactly.
__device__ __forceinline__ real combine(int how, real old, real value, real weight)
{
    if (how == COMBINE_RUNNING_MEAN)
        return multiply_add(value - old, weight, old);
    return value > old ? value : old;
}

#endif
