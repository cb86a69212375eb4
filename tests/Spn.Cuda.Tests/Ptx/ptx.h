// CUDA's words for clang, which compiles a .cu to PTX without NVIDIA's headers. NVRTC knows all of these by itself.
#pragma once
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(threads, blocks) __attribute__((launch_bounds(threads, blocks)))

struct __align__(8) int2 {
    int x, y;
};

struct __align__(16) int4 {
    int x, y, z, w;
};

#define threadIdx (SpnIndex{(unsigned int)__nvvm_read_ptx_sreg_tid_x()})
#define blockIdx (SpnIndex{(unsigned int)__nvvm_read_ptx_sreg_ctaid_x()})
#define blockDim (SpnIndex{(unsigned int)__nvvm_read_ptx_sreg_ntid_x()})
#define gridDim (SpnIndex{(unsigned int)__nvvm_read_ptx_sreg_nctaid_x()})

struct SpnIndex {
    unsigned int x;
};

__device__ inline void __syncwarp() { __nvvm_bar_warp_sync(0xffffffff); }

#define SPN_SHUFFLE(name, intrinsic, clamp)                                                                             \
    __device__ inline int name(unsigned int mask, int value, unsigned int delta) { return intrinsic(mask, value, delta, clamp); } \
    __device__ inline float name(unsigned int mask, float value, unsigned int delta)                                    \
    {                                                                                                                   \
        return __builtin_bit_cast(float, name(mask, __builtin_bit_cast(int, value), delta));                            \
    }                                                                                                                   \
    __device__ inline double name(unsigned int mask, double value, unsigned int delta)                                  \
    {                                                                                                                   \
        int2 halves = __builtin_bit_cast(int2, value);                                                                  \
        halves.x = name(mask, halves.x, delta);                                                                         \
        halves.y = name(mask, halves.y, delta);                                                                         \
        return __builtin_bit_cast(double, halves);                                                                      \
    }
SPN_SHUFFLE(__shfl_up_sync, __nvvm_shfl_sync_up_i32, 0)
SPN_SHUFFLE(__shfl_down_sync, __nvvm_shfl_sync_down_i32, 31)

__device__ inline float fabsf(float a) { return __builtin_fabsf(a); }
__device__ inline double fabs(double a) { return __builtin_fabs(a); }
__device__ inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
__device__ inline double fmax(double a, double b) { return __builtin_fmax(a, b); }
__device__ inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
__device__ inline double fmin(double a, double b) { return __builtin_fmin(a, b); }
__device__ inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
__device__ inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

// No instruction of its own: NVRTC brings code for it.
extern "C" __device__ double exp(double a);
