// Stands in for NVIDIA's driver: records calls, keeps a stack of contexts for each thread, reads images that fake_nvrtc made, and fails where it is told to.
// Structures and numbers are written here once more from cuda.h's documentation, independently of the C# ones.
#include "fake.h"
#include <stdint.h>

typedef int CUresult;
typedef void *CUhandle;

static __thread CUhandle context_stack[16];
static __thread int context_depth;

// Contexts that the calling thread has left current.
int fake_depth(void) { return context_depth; }

static int current(void) { return context_depth > 0 && context_stack[context_depth - 1] != NULL; }

CUresult cuInit(unsigned flags)
{
    record("cuInit %u", flags);
    FAILS("cuInit");
    return 0;
}

CUresult cuDriverGetVersion(int *version)
{
    FAILS("cuDriverGetVersion");
    *version = (int)setting("driver", 12080);
    return 0;
}

CUresult cuDeviceGet(int *device, int index)
{
    record("cuDeviceGet %d", index);
    FAILS("cuDeviceGet");
    if (index >= 4)
        return 101; // CUDA_ERROR_INVALID_DEVICE
    *device = index + 40;
    return 0;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, int device)
{
    FAILS("cuDeviceGetAttribute");
    if (device < 40)
        return 101;
    int architecture = (int)setting("architecture", 90);
    switch (attribute) {
    case 16: *value = 132; break;
    case 75: *value = architecture / 10; break;
    case 76: *value = architecture % 10; break;
    case 97: *value = 232448; break;
    case 120: *value = architecture >= 90 && setting("clusters", 1); break;
    default: return 1; // CUDA_ERROR_INVALID_VALUE
    }
    return 0;
}

CUresult cuDeviceGetName(char *name, int length, int device)
{
    FAILS("cuDeviceGetName");
    snprintf(name, (size_t)length, "Fake GPU %d", device - 40);
    return 0;
}

CUresult cuDevicePrimaryCtxRetain(CUhandle *context, int device)
{
    record("cuDevicePrimaryCtxRetain %d", device);
    FAILS("cuDevicePrimaryCtxRetain");
    *context = (CUhandle)(intptr_t)(0xc000 + device);
    return 0;
}

CUresult cuCtxPushCurrent_v2(CUhandle context)
{
    FAILS("cuCtxPushCurrent");
    context_stack[context_depth++] = context;
    return 0;
}

CUresult cuCtxPopCurrent_v2(CUhandle *context)
{
    if (context_depth == 0)
        return 201; // CUDA_ERROR_INVALID_CONTEXT
    *context = context_stack[--context_depth];
    FAILS("cuCtxPopCurrent");
    return 0;
}

CUresult cuModuleLoadDataEx(CUhandle *module, const void *image, unsigned count, int *options, void **values)
{
    static int modules;
    char *log = NULL;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == 5) // CU_JIT_ERROR_LOG_BUFFER
            log = values[i];
        if (options[i] == 6) // CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
            size = (size_t)(uintptr_t)values[i];
    }
    record("cuModuleLoadDataEx %.5s", (const char *)image);
    if (!current())
        return 201;
    FAILS("cuModuleLoadDataEx");
    if (memcmp(image, "CUBIN", 5) != 0 && memcmp(image, "//PTX", 5) != 0) {
        if (log)
            snprintf(log, size, "fake jit: no image begins so");
        return 200; // CUDA_ERROR_INVALID_IMAGE
    }
    *module = (CUhandle)(intptr_t)(0xd000 + __sync_add_and_fetch(&modules, 1));
    return 0;
}

CUresult cuModuleGetFunction(CUhandle *function, CUhandle module, const char *name)
{
    record("cuModuleGetFunction %s", name);
    if (!current())
        return 201;
    FAILS("cuModuleGetFunction");
    *function = (CUhandle)((intptr_t)module + 0x1000);
    return 0;
}

CUresult cuFuncGetAttribute(int *value, int attribute, CUhandle function)
{
    (void)function;
    FAILS("cuFuncGetAttribute");
    *value = attribute == 1 ? 16 : attribute == 3 ? 8 : attribute == 4 ? 64 : -1;
    return 0;
}

CUresult cuFuncSetAttribute(CUhandle function, int attribute, int value)
{
    record("cuFuncSetAttribute %p %d=%d", function, attribute, value);
    if (!current())
        return 201;
    FAILS("cuFuncSetAttribute");
    return 0;
}

static CUresult launch(const char *name, CUhandle function, const unsigned *grid, const unsigned *block, unsigned shared, CUhandle stream, int cluster,
                       void **parameters, void **extra)
{
    if (!current())
        return 201;
    if (parameters != NULL || extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4] != NULL)
        return 1;
    size_t size = *(size_t *)extra[3];
    char bytes[3 * 64 + 1] = "";
    for (size_t i = 0; i < size && i < 64; i++)
        sprintf(bytes + 2 * i, "%02x", ((unsigned char *)extra[1])[i]);
    record("%s f=%p grid=%u,%u,%u block=%u,%u,%u shared=%u stream=%p cluster=%d bytes=%zu:%s context=%p", name, function, grid[0], grid[1], grid[2],
           block[0], block[1], block[2], shared, stream, cluster, size, bytes, context_stack[context_depth - 1]);
    FAILS(name);
    return 0;
}

CUresult cuLaunchKernel(CUhandle function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUhandle stream,
                        void **parameters, void **extra)
{
    unsigned grid[] = {gx, gy, gz}, block[] = {bx, by, bz};
    return launch("cuLaunchKernel", function, grid, block, shared, stream, 0, parameters, extra);
}

#ifndef OLD_DRIVER
typedef struct {
    int id;
    char pad[4];
    union {
        char pad[64];
        struct {
            unsigned x, y, z;
        } cluster;
    } value;
} Attribute;

typedef struct {
    unsigned grid_x, grid_y, grid_z, block_x, block_y, block_z, shared;
    CUhandle stream;
    Attribute *attributes;
    unsigned count;
} Configuration;

// "largest" is the largest cluster for which the device has room.
CUresult cuOccupancyMaxActiveClusters(int *count, CUhandle function, const Configuration *config)
{
    record("cuOccupancyMaxActiveClusters f=%p block=%u shared=%u cluster=%u", function, config->block_x, config->shared, config->attributes->value.cluster.x);
    if (!current())
        return 201;
    FAILS("cuOccupancyMaxActiveClusters");
    *count = config->attributes->value.cluster.x <= setting("largest", 8) ? 16 : 0;
    return 0;
}

CUresult cuLaunchKernelEx(const Configuration *config, CUhandle function, void **parameters, void **extra)
{
    unsigned grid[] = {config->grid_x, config->grid_y, config->grid_z}, block[] = {config->block_x, config->block_y, config->block_z};
    if (config->count != 1 || config->attributes->id != 4 || config->attributes->value.cluster.y != 1 || config->attributes->value.cluster.z != 1)
        return 1;
    return launch("cuLaunchKernelEx", function, grid, block, config->shared, config->stream, (int)config->attributes->value.cluster.x, parameters, extra);
}
#endif

CUresult cuStreamSynchronize(CUhandle stream)
{
    record("cuStreamSynchronize %p", stream);
    FAILS("cuStreamSynchronize");
    return 0;
}

CUresult cuGetErrorName(int error, const char **text)
{
    if (error == 999)
        return 1; // an error that this driver does not know
    *text = error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : error == 200 ? "CUDA_ERROR_INVALID_IMAGE" : error == 100 ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_FAKE";
    return 0;
}

CUresult cuGetErrorString(int error, const char **text)
{
    if (error == 999)
        return 1;
    *text = error == 2 ? "out of memory" : error == 200 ? "device kernel image is invalid" : "fake text of the error";
    return 0;
}

// Device memory is the host's.
CUresult cuMemAlloc_v2(void **address, size_t bytes)
{
    record("cuMemAlloc %zu", bytes);
    FAILS("cuMemAlloc");
    *address = malloc(bytes);
    return 0;
}

CUresult cuMemFree_v2(void *address)
{
    record("cuMemFree");
    FAILS("cuMemFree");
    free(address);
    return 0;
}

CUresult cuMemGetInfo_v2(size_t *unused, size_t *total)
{
    FAILS("cuMemGetInfo");
    *unused = 3;
    *total = 5;
    return 0;
}

static CUresult copy(const char *name, void *to, const void *from, size_t bytes)
{
    FAILS(name);
    memcpy(to, from, bytes);
    return 0;
}

CUresult cuMemcpyHtoD_v2(void *to, const void *from, size_t bytes) { return copy("cuMemcpyHtoD", to, from, bytes); }

CUresult cuMemcpyDtoH_v2(void *to, const void *from, size_t bytes) { return copy("cuMemcpyDtoH", to, from, bytes); }

CUresult cuMemcpyDtoDAsync_v2(void *to, const void *from, size_t bytes, CUhandle stream)
{
    record("cuMemcpyDtoDAsync %p", stream);
    return copy("cuMemcpyDtoDAsync", to, from, bytes);
}

CUresult cuMemsetD8Async(void *address, unsigned char value, size_t bytes, CUhandle stream)
{
    record("cuMemsetD8Async %p", stream);
    FAILS("cuMemsetD8Async");
    memset(address, value, bytes);
    return 0;
}

CUresult cuEventCreate(CUhandle *event, unsigned flags)
{
    record("cuEventCreate %u", flags);
    FAILS("cuEventCreate");
    *event = (CUhandle)0xe000;
    return 0;
}

CUresult cuEventDestroy_v2(CUhandle event)
{
    record("cuEventDestroy %p", event);
    FAILS("cuEventDestroy");
    return 0;
}

CUresult cuEventRecord(CUhandle event, CUhandle stream)
{
    record("cuEventRecord %p %p", event, stream);
    FAILS("cuEventRecord");
    return 0;
}

CUresult cuEventSynchronize(CUhandle event)
{
    record("cuEventSynchronize %p", event);
    FAILS("cuEventSynchronize");
    return 0;
}

CUresult cuEventElapsedTime(float *milliseconds, CUhandle start, CUhandle end)
{
    record("cuEventElapsedTime %p %p", start, end);
    FAILS("cuEventElapsedTime");
    *milliseconds = 1.5f;
    return 0;
}

// libtorch's current stream, so that one file stands in for libtorch_cuda too.
int aoti_torch_get_current_cuda_stream(int device, void **stream)
{
    FAILS("aoti");
    *stream = (void *)(intptr_t)(0x5000 + device);
    return 0;
}
