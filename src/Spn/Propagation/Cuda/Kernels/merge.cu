// After the scans: the directions' maps [N, D, C, H·W] become one [N, C, H·W], with the direction that won a maximum as a byte.
// A thread a pixel, neighbours side by side; D + 1 elements and a byte of traffic; bound by memory bandwidth.
#include "tile.cuh"

struct MergeArguments {
    const stored* hidden;
    stored* output;
    unsigned char* winners; // or null
    long long of_image;     // C·H·W
    long long count;        // N·C·H·W
    int directions;
    int combine; // COMBINE_LARGER or COMBINE_RUNNING_MEAN
};

extern "C" __global__ void __launch_bounds__(256) spn_merge(const MergeArguments a)
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
