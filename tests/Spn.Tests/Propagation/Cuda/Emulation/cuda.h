// CUDA's words for g++, and the emulator's versions of what device.cuh takes from the machine.
#pragma once
#define SPN_DEVICE_CUH
#include "emulator.h"
#include <math.h>
#include <string.h>

#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(threads)

#define threadIdx (emulated_thread()->thread)
#define blockIdx (emulated_thread()->block)
#define blockDim (emulated_thread()->block_size)
#define gridDim (emulated_thread()->grid_size)
#define SPN_SHARED(name) unsigned char* name = emulated_thread()->shared

inline void __syncthreads() { emulated_block_barrier(); }
inline void __syncwarp() { emulated_warp_barrier(); }
inline void cluster_sync() { emulated_cluster_barrier(); }

template <typename T>
T __shfl_up_sync(unsigned int mask, T value, int delta)
{
    int lane = (int)threadIdx.x % 32;
    emulated_shuffle(mask, &value, sizeof(T), lane >= delta ? lane - delta : lane);
    return value;
}

template <typename T>
T __shfl_down_sync(unsigned int mask, T value, int delta)
{
    int lane = (int)threadIdx.x % 32;
    emulated_shuffle(mask, &value, sizeof(T), lane + delta < 32 ? lane + delta : lane);
    return value;
}

template <int Bytes>
void copy_async(void* shared, const void* global)
{
    static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async copies 4, 8 or 16 bytes");
    emulated_copy(shared, global, Bytes);
}

inline void commit_copies() { emulated_commit(); }

template <int Pending>
void wait_copies()
{
    emulated_wait(Pending);
}

template <typename T>
T read_peer(const T* shared, int rank)
{
    T value;
    memcpy(&value, emulated_peer(shared, rank, sizeof(T)), sizeof(T));
    return value;
}

// IEEE binary16 by its bits, rounding to the nearest, to even on a tie.
inline float half_to_float(unsigned short bits)
{
    unsigned int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float value = exponent == 31 ? (fraction ? NAN : INFINITY) : exponent ? ldexpf(1024 + fraction, (int)exponent - 25) : ldexpf(fraction, -24);
    return bits & 0x8000 ? -value : value;
}

inline unsigned short float_to_half(float value)
{
    unsigned short sign = signbit(value) ? 0x8000 : 0;
    if (value != value)
        return 0x7fff;
    value = fabsf(value);
    if (value >= 65520)
        return sign | 0x7c00;
    int exponent;
    frexpf(value, &exponent);
    exponent = value == 0 || exponent < -13 ? -13 : exponent; // below 2^-14 halves are as far apart as there
    unsigned int steps = (unsigned int)rintf(ldexpf(value, 11 - exponent)); // of a unit in the last place: up to 2048
    return sign | (unsigned short)(steps + ((unsigned int)(exponent + 13) << 10));
}
