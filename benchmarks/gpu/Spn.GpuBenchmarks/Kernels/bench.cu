// Auxiliary kernels for measurements: an empty kernel, random numbers, a cache sweep, a copy, and a clock.
#include "scalar.cuh"

struct Nothing {
    int unused;
};

// Measures the cost of a launch.
extern "C" __global__ void bench_nothing(const Nothing) {}

struct Fill {
    stored* data;
    long long count;
    unsigned int seed;
    float low, range;
};

// Fills memory with uniform numbers in [low, low + range). Each is computed from its index by a 32-bit hash.
extern "C" __global__ void __launch_bounds__(256) bench_fill(const Fill a)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x) {
        unsigned int bits = (unsigned int)i * 2654435761u ^ (unsigned int)(i >> 32) ^ a.seed;
        bits = (bits ^ (bits >> 16)) * 0x7feb352du;
        bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
        bits ^= bits >> 16;
        a.data[i] = to_stored((real)(a.low + a.range * (float)(bits >> 8) * (1.0f / 16777216)));
    }
}

struct Sweep {
    const int4* from;
    int4* to;
    long long count;
};

// Reads memory larger than the L2 cache, so that the cache contains no data of the next kernel and no pending writes.
extern "C" __global__ void __launch_bounds__(256) bench_read(const Sweep a)
{
    int seen = 0;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x) {
        int4 value = a.from[i];
        seen |= value.x ^ value.y ^ value.z ^ value.w;
    }
    if (seen == 0x5eed) // prevents the compiler from removing the reads
        a.to[0].x = seen;
}

// A simple copy, 16 bytes at a time.
extern "C" __global__ void __launch_bounds__(256) bench_copy(const Sweep a)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x)
        a.to[i] = a.from[i];
}

struct Clock {
    long long* out; // cycles, nanoseconds, and a number that keeps the computation alive
    int steps;
};

// Measures the cycles and the time of a chain of dependent operations, and thus the clock of the multiprocessors.
extern "C" __global__ void bench_clock(const Clock a)
{
    unsigned long long before, after;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(before));
    long long start = clock64();
    float value = (float)a.steps;
    for (int i = 0; i < a.steps; i++)
        value = fmaf(value, 0.999f, 1.0f);
    long long cycles = clock64() - start;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(after));
    a.out[0] = cycles;
    a.out[1] = (long long)(after - before);
    a.out[2] = (long long)value;
}
