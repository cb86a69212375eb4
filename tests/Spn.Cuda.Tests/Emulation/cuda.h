// CUDA's words for g++, and the emulator's versions of what device.cuh takes from the machine.
#pragma once
#define SPN_DEVICE_CUH
#include "emulator.h"

#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(threads, blocks)

// The mathematics that NVRTC knows without a header; g++'s headers would take as long to read as a kernel to compile.
inline float fabsf(float a) { return __builtin_fabsf(a); }
inline double fabs(double a) { return __builtin_fabs(a); }
inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
inline double fmax(double a, double b) { return __builtin_fmax(a, b); }
inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
inline double fmin(double a, double b) { return __builtin_fmin(a, b); }
inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
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

typedef unsigned char* SharedAddress;

inline SharedAddress shared_address(const void* shared) { return (SharedAddress)shared; }

template <int Bytes>
void copy_async(SharedAddress shared, const void* global, bool valid)
{
    if (Bytes == 1)
        *shared = valid ? *(const unsigned char*)global : 0;
    else if (Bytes == 2)
        *(unsigned short*)shared = valid ? *(const unsigned short*)global : 0;
    else
        emulated_copy(shared, valid ? global : nullptr, Bytes);
}

template <int N>
void read_shared(SharedAddress from, unsigned int (&to)[N])
{
    struct alignas(4 * N) Words {
        unsigned int at[N];
    } words = *(const Words*)from;
    __builtin_memcpy(to, words.at, sizeof(words));
}

inline unsigned short read_shared_short(SharedAddress from) { return *(const unsigned short*)from; }

template <int N>
void write_global(void* to, const unsigned int (&from)[N])
{
    struct alignas(4 * N) Words {
        unsigned int at[N];
    } words;
    __builtin_memcpy(words.at, from, sizeof(words));
    *(Words*)to = words;
}

inline void commit_copies() { emulated_commit(); }

template <int Pending>
void wait_copies()
{
    emulated_wait(Pending);
}

constexpr int INBOX_BYTES = 8;

inline void open_inbox(SharedAddress inbox) { emulated_open_inbox(inbox); }
inline void expect_bytes(SharedAddress inbox, int bytes) { emulated_expect(inbox, bytes); }
inline void receive_bytes(SharedAddress inbox, int parity) { emulated_receive(inbox, parity); }
inline void push_bytes(SharedAddress to, SharedAddress inbox, int rank, const unsigned int (&words)[4]) { emulated_push(to, inbox, rank, words); }

union FloatWord {
    float value;
    unsigned int bits;
};

// Wrong by as much as the hardware may be, 2 units in the last place either way, and without subnormal numbers.
inline float approximate(float exact)
{
    FloatWord word;
    word.value = exact;
    if ((word.bits & 0x7fffffffu) < 0x00800000u)
        return 0;
    if ((word.bits & 0x7fffffffu) < 0x7f000000u)
        word.bits += word.bits * 2654435761u % 5u - 2u;
    return word.value;
}

inline float fast_exp2(float a) { return approximate(__builtin_exp2f(a)); }
inline float fast_reciprocal(float a) { return approximate(1 / a); }

inline __attribute__((always_inline)) unsigned int round_bfloat16(float value);
inline unsigned int pack_bfloat16(float low, float high) { return round_bfloat16(low) | round_bfloat16(high) << 16; }

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
