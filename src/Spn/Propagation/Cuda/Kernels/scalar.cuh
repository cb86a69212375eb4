// `stored`, the element type of the tensors, and `real`, the type of the scan state and of sums. 16-bit tensors are computed in float.
#ifndef SPN_SCALAR_CUH
#define SPN_SCALAR_CUH
#include "device.cuh"

// SPN_SCALAR: 0 float, 1 double, 2 half, 3 bfloat16.
#if SPN_SCALAR == 0
typedef float stored;
typedef float real;
__device__ __forceinline__ real to_real(stored value) { return value; }
__device__ __forceinline__ stored to_stored(real value) { return value; }
#elif SPN_SCALAR == 1
typedef double stored;
typedef double real;
__device__ __forceinline__ real to_real(stored value) { return value; }
__device__ __forceinline__ stored to_stored(real value) { return value; }
#elif SPN_SCALAR == 2
typedef unsigned short stored;
typedef float real;
__device__ __forceinline__ real to_real(stored bits) { return half_to_float(bits); }
__device__ __forceinline__ stored to_stored(real value) { return float_to_half(value); }
#else
typedef unsigned short stored;
typedef float real;

union FloatBits {
    float value;
    unsigned int bits;
};

__device__ __forceinline__ real to_real(stored bits)
{
    FloatBits wide;
    wide.bits = (unsigned int)bits << 16;
    return wide.value;
}

// Rounds to nearest, ties to even. NaN stays NaN.
__device__ __forceinline__ stored to_stored(real value)
{
    FloatBits wide;
    wide.value = value;
    unsigned int rounded = wide.bits + 0x7fffu + ((wide.bits >> 16) & 1u);
    return (stored)(value != value ? 0x7fc0u : rounded >> 16);
}
#endif

__device__ __forceinline__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double multiply_add(double a, double b, double c) { return fma(a, b, c); }
__device__ __forceinline__ float magnitude(float a) { return fabsf(a); }
__device__ __forceinline__ double magnitude(double a) { return fabs(a); }
__device__ __forceinline__ float larger(float a, float b) { return fmaxf(a, b); }
__device__ __forceinline__ double larger(double a, double b) { return fmax(a, b); }
__device__ __forceinline__ float smaller(float a, float b) { return fminf(a, b); }
__device__ __forceinline__ double smaller(double a, double b) { return fmin(a, b); }

// e^a, computed from 2^a because the hardware provides that.
__device__ __forceinline__ float exponential(float a) { return exp2f(a * 1.44269504f); }
__device__ __forceinline__ double exponential(double a) { return exp(a); }

#endif
