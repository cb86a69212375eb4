// Hardware features beyond CUDA's built-in functions. NVRTC has no headers for them, so the instructions are written out here.
// The emulator of the tests defines the include guard and provides its own versions.
#ifndef SPN_DEVICE_CUH
#define SPN_DEVICE_CUH

#ifdef __CUDA_ARCH__
#define SPN_ARCH __CUDA_ARCH__
#else
#define SPN_ARCH 0
#endif

// The block's dynamic shared memory.
#define SPN_SHARED(name)                                          \
    extern __shared__ __align__(16) unsigned char spn_shared_[]; \
    unsigned char* name = spn_shared_

__device__ __forceinline__ unsigned int shared_address(const void* shared)
{
    unsigned long long address;
    asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(shared));
    return (unsigned int)address;
}

__device__ __forceinline__ unsigned long long global_address(const void* global)
{
    unsigned long long address;
    asm("cvta.to.global.u64 %0, %1;" : "=l"(address) : "l"(global));
    return address;
}

// Copies 4, 8 or 16 aligned bytes from global to shared memory. The copy is complete after wait_copies; before sm_80, immediately.
template <int Bytes>
__device__ __forceinline__ void copy_async(void* shared, const void* global)
{
#if SPN_ARCH >= 800
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(shared_address(shared)), "l"(global_address(global)), "n"(Bytes)
                 : "memory");
#else
    if (Bytes == 16)
        *(int4*)shared = *(const int4*)global;
    else if (Bytes == 8)
        *(int2*)shared = *(const int2*)global;
    else
        *(int*)shared = *(const int*)global;
#endif
}

// Closes a group of this thread's copies.
__device__ __forceinline__ void commit_copies()
{
#if SPN_ARCH >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits for all of this thread's groups except the latest `Pending`.
template <int Pending>
__device__ __forceinline__ void wait_copies()
{
#if SPN_ARCH >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
}

// A barrier for all threads of the cluster, which also makes their writes to shared memory visible.
__device__ __forceinline__ void cluster_sync()
{
#if SPN_ARCH >= 900
    asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

// Reads the same address in the shared memory of another block of the cluster.
__device__ __forceinline__ float read_peer(const float* shared, int rank)
{
    float value = 0;
#if SPN_ARCH >= 900
    unsigned int address;
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(address) : "r"(shared_address(shared)), "r"(rank));
    asm volatile("ld.shared::cluster.f32 %0, [%1];" : "=f"(value) : "r"(address) : "memory");
#endif
    return value;
}

__device__ __forceinline__ double read_peer(const double* shared, int rank)
{
    double value = 0;
#if SPN_ARCH >= 900
    unsigned int address;
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(address) : "r"(shared_address(shared)), "r"(rank));
    asm volatile("ld.shared::cluster.f64 %0, [%1];" : "=d"(value) : "r"(address) : "memory");
#endif
    return value;
}

// Conversions of IEEE binary16, which is stored as its bits.
__device__ __forceinline__ float half_to_float(unsigned short bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}

__device__ __forceinline__ unsigned short float_to_half(float value)
{
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

#endif
