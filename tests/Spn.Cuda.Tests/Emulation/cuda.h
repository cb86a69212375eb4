// CUDA's words for g++, and the emulator's versions of what device.cuh takes from the machine.
#pragma once
#define SPN_DEVICE_CUH
#include "emulator.h"

#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(threads)

// The mathematics that NVRTC knows without a header; g++'s headers would take as long to read as a kernel to compile.
inline float fabsf(float a) { return __builtin_fabsf(a); }
inline double fabs(double a) { return __builtin_fabs(a); }
inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
inline double fmax(double a, double b) { return __builtin_fmax(a, b); }
inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
inline double fmin(double a, double b) { return __builtin_fmin(a, b); }
inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float exp2f(float a) { return __builtin_exp2f(a); }
inline double exp(double a) { return __builtin_exp(a); }

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
    __builtin_memcpy(&value, emulated_peer(shared, rank, sizeof(T)), sizeof(T));
    return value;
}

union FloatWord {
    float value;
    unsigned int bits;
};

// IEEE binary16 by its bits, rounding to the nearest, to even on a tie. A half's exponent and fraction, moved to a float's place, are the value over 2^112.
inline float half_to_float(unsigned short bits)
{
    FloatWord word;
    word.bits = (bits & 0x7fffu) << 13;
    word.value *= 0x1p112f;
    if ((bits & 0x7c00) == 0x7c00)
        word.bits |= 0x7f800000u; // infinity and NaN
    word.bits |= (bits & 0x8000u) << 16;
    return word.value;
}

inline unsigned short float_to_half(float value)
{
    FloatWord word;
    word.value = value;
    unsigned short sign = (unsigned short)(word.bits >> 16 & 0x8000);
    word.bits &= 0x7fffffffu;
    if (word.bits > 0x7f800000u)
        return 0x7fff;
    if (word.value >= 65520)
        return sign | 0x7c00;
    if (word.value < 0x1p-14f) {
        word.value += 0.5f; // whose last place is the smallest half
        return sign | (unsigned short)(word.bits - 0x3f000000u);
    }
    unsigned int rounded = word.bits + 0xfffu + (word.bits >> 13 & 1) - (112u << 23);
    return sign | (unsigned short)(rounded >> 13);
}
