// What a measurement takes besides the kernels it measures: nothing at all, random numbers, a swept cache, a copy, a clock.
#include "scalar.cuh"

struct Nothing {
    int unused;
};

// For what a launch costs by itself.
extern "C" __global__ void bench_nothing(const Nothing) {}

struct Fill {
    stored* data;
    long long count;
    unsigned int seed;
    float low, range;
};

// Uniform numbers in [low, low + range), each from its own index by a hash of 32 bits.
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

// Reads memory that is larger than the L2 cache, so that the next kernel finds nothing of its own there, nor anything that waits to be written.
extern "C" __global__ void __launch_bounds__(256) bench_read(const Sweep a)
{
    int seen = 0;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x) {
        int4 value = a.from[i];
        seen |= value.x ^ value.y ^ value.z ^ value.w;
    }
    if (seen == 0x5eed) // what is read must seem to matter
        a.to[0].x = seen;
}

// The plainest use of memory: as many bytes written as read, 16 at a time.
extern "C" __global__ void __launch_bounds__(256) bench_copy(const Sweep a)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += (long long)gridDim.x * blockDim.x)
        a.to[i] = a.from[i];
}

struct Clock {
    long long* out; // cycles, nanoseconds, and a number that keeps the work
    int steps;
};

// Cycles and time of a chain of dependent operations: the clock that the multiprocessors run at.
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
