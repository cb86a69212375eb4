// `stored`, the element type of the tensors, and `real`, the type of the scan state and of sums. 16-bit tensors are computed in float.
#ifndef SPN_SCALAR_CUH
#define SPN_SCALAR_CUH

// Rounds to the nearest bfloat16, ties to even. NaN stays NaN.
__device__ __forceinline__ unsigned int round_bfloat16(float value)
{
    union {
        float value;
        unsigned int bits;
    } wide;
    wide.value = value;
    unsigned int rounded = wide.bits + 0x7fffu + ((wide.bits >> 16) & 1u);
    return value != value ? 0x7fc0u : rounded >> 16;
}

#include "device.cuh"

// SPN_SCALAR: 0 float, 1 double, 2 half, 3 bfloat16.
#if SPN_SCALAR == 0
typedef float stored;
typedef float real;
#elif SPN_SCALAR == 1
typedef double stored;
typedef double real;
#else
typedef unsigned short stored;
typedef float real;
#endif

union FloatBits {
    float value;
    unsigned int bits;
};

__device__ __forceinline__ real to_real(stored value)
{
#if SPN_SCALAR < 2
    return value;
#elif SPN_SCALAR == 2
    return half_to_float(value);
#else
    FloatBits wide;
    wide.bits = (unsigned int)value << 16;
    return wide.value;
#endif
}

__device__ __forceinline__ stored to_stored(real value)
{
#if SPN_SCALAR < 2
    return value;
#elif SPN_SCALAR == 2
    return float_to_half(value);
#else
    return (stored)round_bfloat16(value);
#endif
}

union DoubleBits {
    double value;
    unsigned int words[2];
};

// Values are read and written as words of 4 bytes: the bits of a float, of half a double, or of two 16-bit numbers.
template <typename T, int N>
constexpr int words_of = N * (int)sizeof(T) / 4;

template <int N>
__device__ __forceinline__ void unpack_as(float, const unsigned int (&words)[N], float (&to)[N])
{
#pragma unroll
    for (int i = 0; i < N; i++) {
        FloatBits bits;
        bits.bits = words[i];
        to[i] = bits.value;
    }
}

template <int N>
__device__ __forceinline__ void unpack_as(double, const unsigned int (&words)[2 * N], double (&to)[N])
{
#pragma unroll
    for (int i = 0; i < N; i++) {
        DoubleBits bits;
        bits.words[0] = words[2 * i];
        bits.words[1] = words[2 * i + 1];
        to[i] = bits.value;
    }
}

template <int N>
__device__ __forceinline__ void unpack_as(unsigned short, const unsigned int (&words)[N / 2], float (&to)[N])
{
#pragma unroll
    for (int i = 0; i < N; i++) {
        unsigned int word = words[i / 2];
#if SPN_SCALAR == 2
        to[i] = half_to_float((unsigned short)(word >> i % 2 * 16));
#else
        FloatBits bits;
        bits.bits = i % 2 == 0 ? word << 16 : word & 0xffff0000u;
        to[i] = bits.value;
#endif
    }
}

// The elements of a map of type T.
template <typename T, int N>
__device__ __forceinline__ void unpack(const unsigned int (&words)[words_of<T, N>], real (&to)[N])
{
    unpack_as<N>(T(), words, to);
}

__device__ __forceinline__ void pack_as(float, const float* from, unsigned int* words, int count)
{
#pragma unroll
    for (int i = 0; i < count; i++) {
        FloatBits bits;
        bits.value = from[i];
        words[i] = bits.bits;
    }
}

__device__ __forceinline__ void pack_as(double, const double* from, unsigned int* words, int count)
{
#pragma unroll
    for (int i = 0; i < count; i++) {
        DoubleBits bits;
        bits.value = from[i];
        words[2 * i] = bits.words[0];
        words[2 * i + 1] = bits.words[1];
    }
}

__device__ __forceinline__ void pack_as(unsigned short, const float* from, unsigned int* words, int count)
{
#pragma unroll
    for (int i = 0; i < count / 2; i++) {
#if SPN_SCALAR == 2
        words[i] = (unsigned int)float_to_half(from[2 * i]) | (unsigned int)float_to_half(from[2 * i + 1]) << 16;
#else
        words[i] = pack_bfloat16(from[2 * i], from[2 * i + 1]);
#endif
    }
}

// Rounds to the elements of a map of type T.
template <typename T, int N>
__device__ __forceinline__ void pack(const real* from, unsigned int (&words)[words_of<T, N>])
{
    pack_as(T(), from, words, N);
}

__device__ __forceinline__ void put(real* to, real value) { *to = value; }

#if SPN_SCALAR >= 2
__device__ __forceinline__ void put(stored* to, real value) { *to = to_stored(value); }
#endif

__device__ __forceinline__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double multiply_add(double a, double b, double c) { return fma(a, b, c); }
__device__ __forceinline__ float magnitude(float a) { return fabsf(a); }
__device__ __forceinline__ double magnitude(double a) { return fabs(a); }
__device__ __forceinline__ float larger(float a, float b) { return fmaxf(a, b); }
__device__ __forceinline__ double larger(double a, double b) { return fmax(a, b); }
__device__ __forceinline__ float smaller(float a, float b) { return fminf(a, b); }
__device__ __forceinline__ double smaller(double a, double b) { return fmin(a, b); }

// e^(a - b), in float from the hardware's 2^a. b is finite; a may be -infinity.
__device__ __forceinline__ float exponential(float a, float b)
{
    const float log2e = 1.44269504f;
    return fast_exp2(fmaf(a, log2e, -(b * log2e)));
}
__device__ __forceinline__ double exponential(double a, double b) { return exp(a - b); }

__device__ __forceinline__ float reciprocal(float a) { return fast_reciprocal(a); }
__device__ __forceinline__ double reciprocal(double a) { return 1 / a; }

#endif
