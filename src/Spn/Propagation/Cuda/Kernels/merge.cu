// Merges the maps of all directions, [N, D, C, H·W], into one map [N, C, H·W] and stores the index of the direction with the maximum as a
// byte.
// One thread per pixel, with coalesced access; D + 1 elements and one byte of traffic per pixel. Bound by memory bandwidth.
#include "combine.cuh"

struct MergeArguments {
    const stored* hidden;
    stored* output;
    unsigned char* winners; // or null
    long long of_image;     // C·H·W
    long long count;        // N·C·H·W
    int directions;
    int combine; // COMBINE_LARGER or COMBINE_RUNNING_MEAN
};

extern "C" __global__ void __launch_bounds__(256, 1) spn_merge(const MergeArguments a)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x) {
        const stored* hidden = a.hidden + i / a.of_image * (a.directions * a.of_image) + i % a.of_image;
        real merged = to_real(hidden[0]);
        int winner = 0;
        for (int d = 1; d < a.directions; d++) {
            real value = to_real(hidden[d * a.of_image]);
            if (a.combine == COMBINE_RUNNING_MEAN) {
                merged = multiply_add(value - merged, (real)1 / (real)(d + 1), merged);
            } else if (value > merged) {
                merged = value;
                winner = d;
            }
        }
        a.output[i] = to_stored(merged);
        if (a.winners)
            a.winners[i] = (unsigned char)winner;
    }
}
