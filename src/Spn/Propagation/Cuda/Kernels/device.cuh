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

// An address in the block's shared memory.
typedef unsigned int SharedAddress;

__device__ __forceinline__ SharedAddress shared_address(const void* shared)
{
    unsigned long long address;
    asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(shared));
    return (SharedAddress)address;
}

// Copies 1, 2, 4, 8 or 16 aligned bytes from global to shared memory, or writes zeros if not `valid`; then nothing is read. From 4 bytes
// on, the copy is complete after wait_copies; otherwise, and before sm_80, immediately. A copy asks the L2 cache for the 128 bytes around
// it.
template <int Bytes>
__device__ __forceinline__ void copy_async(SharedAddress to, const void* from, bool valid)
{
    if (Bytes == 1) {
        unsigned short value = valid ? *(const unsigned char*)from : 0;
        asm volatile("st.shared.u8 [%0], %1;" ::"r"(to), "h"(value) : "memory");
        return;
    }
    if (Bytes == 2) {
        unsigned short value = valid ? *(const unsigned short*)from : 0;
        asm volatile("st.shared.u16 [%0], %1;" ::"r"(to), "h"(value) : "memory");
        return;
    }
#if SPN_ARCH >= 800
    if (Bytes == 16)
        asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(valid ? 16 : 0) : "memory");
    else
        asm volatile("cp.async.ca.shared.global.L2::128B [%0], [%1], %3, %2;" ::"r"(to), "l"(from), "r"(valid ? Bytes : 0),
                     "n"(Bytes < 4 ? 4 : Bytes) : "memory");
#else
    int4 value = {0, 0, 0, 0};
    if (valid && Bytes == 16)
        value = *(const int4*)from;
    else if (valid && Bytes == 8)
        *(int2*)&value = *(const int2*)from;
    else if (valid)
        value.x = *(const int*)from;
    if (Bytes == 16)
        asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
                     : "memory");
    else if (Bytes == 8)
        asm volatile("st.shared.v2.u32 [%0], {%1, %2};" ::"r"(to), "r"(value.x), "r"(value.y) : "memory");
    else
        asm volatile("st.shared.u32 [%0], %1;" ::"r"(to), "r"(value.x) : "memory");
#endif
}

// Reads and writes of 4, 8 or 16 aligned bytes.
__device__ __forceinline__ void read_shared(SharedAddress from, unsigned int (&to)[1])
{
    asm volatile("ld.shared.u32 %0, [%1];" : "=r"(to[0]) : "r"(from));
}

__device__ __forceinline__ void read_shared(SharedAddress from, unsigned int (&to)[2])
{
    asm volatile("ld.shared.v2.u32 {%0, %1}, [%2];" : "=r"(to[0]), "=r"(to[1]) : "r"(from));
}

__device__ __forceinline__ void read_shared(SharedAddress from, unsigned int (&to)[4])
{
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(from));
}

__device__ __forceinline__ unsigned short read_shared_short(SharedAddress from)
{
    unsigned short value;
    asm volatile("ld.shared.u16 %0, [%1];" : "=h"(value) : "r"(from));
    return value;
}

__device__ __forceinline__ void write_global(void* to, const unsigned int (&from)[1])
{
    asm volatile("st.global.u32 [%0], %1;" ::"l"(to), "r"(from[0]) : "memory");
}

__device__ __forceinline__ void write_global(void* to, const unsigned int (&from)[2])
{
    asm volatile("st.global.v2.u32 [%0], {%1, %2};" ::"l"(to), "r"(from[0]), "r"(from[1]) : "memory");
}

__device__ __forceinline__ void write_global(void* to, const unsigned int (&from)[4])
{
    asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(from[0]), "r"(from[1]), "r"(from[2]), "r"(from[3]) : "memory");
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

// A barrier for all threads of the cluster, which also makes their writes to shared memory visible. It waits for the writes to global
// memory as well, so it is for the start of a kernel.
__device__ __forceinline__ void cluster_sync()
{
#if SPN_ARCH >= 900
    asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

// Blocks of a cluster push data into each other's shared memory. An inbox, an mbarrier of the receiving block, counts the bytes that have
// arrived. It has phases: each ends when as many bytes have arrived as the block expects, and the next begins immediately.
constexpr int INBOX_BYTES = 8;

// By one thread, before a cluster_sync.
__device__ __forceinline__ void open_inbox(SharedAddress inbox)
{
#if SPN_ARCH >= 900
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;\n\tfence.mbarrier_init.release.cluster;" ::"r"(inbox) : "memory");
#endif
}

// Says how many bytes the current phase brings, by one thread and once per phase. They may have arrived already.
__device__ __forceinline__ void expect_bytes(SharedAddress inbox, int bytes)
{
#if SPN_ARCH >= 900
    unsigned long long state;
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 %0, [%1], %2;" : "=l"(state) : "r"(inbox), "r"(bytes) : "memory");
#endif
}

// Waits for the end of a phase, whose parity is 0 for the first, 1 for the second, 0 for the third and so on.
__device__ __forceinline__ void receive_bytes(SharedAddress inbox, int parity)
{
#if SPN_ARCH >= 900
    unsigned int ended;
    do
        asm volatile("{\n\t.reg .pred ended;\n\t"
                     "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 ended, [%1], %2;\n\t"
                     "selp.u32 %0, 1, 0, ended;\n\t}" : "=r"(ended) : "r"(inbox), "r"(parity) : "memory");
    while (!ended);
#endif
}

// Writes 16 bytes to the place of another block that `to` is in this block, and lets that block's inbox count them.
__device__ __forceinline__ void push_bytes(SharedAddress to, SharedAddress inbox, int rank, const unsigned int (&words)[4])
{
#if SPN_ARCH >= 900
    unsigned int there, counter;
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(to), "r"(rank));
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(counter) : "r"(inbox), "r"(rank));
    asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1, %2, %3, %4}, [%5];"
                 ::"r"(there), "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]), "r"(counter) : "memory");
#endif
}

// 2^a and 1/a of the special-function unit, with relative errors of at most 2^-22 and 2^-23. Subnormal numbers count as 0.
__device__ __forceinline__ float fast_exp2(float a)
{
    float value;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(value) : "f"(a));
    return value;
}

__device__ __forceinline__ float fast_reciprocal(float a)
{
    float value;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(value) : "f"(a));
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

// Two numbers as bfloat16, the first in the lower half.
__device__ __forceinline__ unsigned int pack_bfloat16(float low, float high)
{
#if SPN_ARCH >= 800
    unsigned int word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
#else
    return round_bfloat16(low) | round_bfloat16(high) << 16;
#endif
}

#endif
