// A tile holds a few lines of one plane in shared memory, so that a lane's pixels are adjacent in either scan orientation. For columns, the
// copy transposes: 4 bytes of a row are copied to 4 bytes of the tile, so global memory is read in whole sectors and no separate
// transposition is needed.
#ifndef SPN_TILE_CUH
#define SPN_TILE_CUH
#include "scalar.cuh"

#define SPN_WARP 32

// SPN_LINES is the number of lines per tile, a power of two and at least 4. In a tile of columns, each row contributes a sector of 32
// bytes, or half a sector if shared memory is short.

// A tensor [N, C, H, W], given by its strides in elements. `alignment`, in bytes, holds for the address of every row's start if columns are
// adjacent.
struct Map {
    void* data;
    long long batch, channel, row, column;
    long long alignment;
};

// A plane in scan orientation: successive lines, each with its pixels.
template <typename T>
struct Plane {
    T* data;
    long long line_stride, pixel_stride;
    int lines, pixels;
    int alignment;
};

template <typename T>
__device__ __forceinline__ Plane<T> plane_of(const Map& map, int n, int channel, int height, int width, bool columns)
{
    Plane<T> plane;
    plane.data = (T*)map.data + n * map.batch + channel * map.channel;
    plane.line_stride = columns ? map.column : map.row;
    plane.pixel_stride = columns ? map.row : map.column;
    plane.lines = columns ? width : height;
    plane.pixels = columns ? height : width;
    plane.alignment = map.column == 1 ? (int)map.alignment : 0;
    return plane;
}

// A group of whole warps that copy together.
struct Team {
    int warp, warps, lane;
};

// Number of adjacent lines whose elements share 4 bytes of a tile; more than 1 if rows of 8- or 16-bit elements are copied to a tile of
// columns.
template <typename T>
__device__ __forceinline__ int packed_lines(bool columns)
{
    return columns && sizeof(T) < 4 ? 4 / (int)sizeof(T) : 1;
}

// Elements per line of a tile: a multiple of 16 bytes that avoids bank conflicts when a warp writes 8 lines of 4 pixels.
template <typename T>
__device__ __forceinline__ int tile_stride(int pixels)
{
    return (pixels + SPN_WARP - 1) / SPN_WARP * SPN_WARP + 16 / (int)sizeof(T);
}

template <typename T>
__device__ __forceinline__ void copy_element(T* tile, const T* global)
{
    if (sizeof(T) >= 4)
        copy_async<sizeof(T) >= 4 ? (int)sizeof(T) : 4>(tile, global);
    else
        *tile = *global;
}

// Starts copying lines [first_line, first_line + lines) and pixels [first_pixel, first_pixel + pixels) of a plane. Positions outside it are
// skipped.
template <typename T>
__device__ void stage_rows(T* tile, int stride, const Plane<T>& plane, int first_line, int lines, int first_pixel, int pixels, Team team)
{
    constexpr int wide = sizeof(T) == 1 ? 8 : 16 / (int)sizeof(T);
    bool aligned = plane.pixel_stride == 1 && plane.alignment >= wide * (int)sizeof(T);
    int step = aligned ? wide : 1;
    for (int l = team.warp; l < lines; l += team.warps) {
        int line = first_line + l;
        if (line < 0 || line >= plane.lines)
            continue;
        const T* row = plane.data + line * plane.line_stride;
        for (int i = team.lane * step; i < pixels; i += SPN_WARP * step) {
            int pixel = first_pixel + i;
            if (aligned && pixel >= 0 && pixel + wide <= plane.pixels) {
                copy_async<wide * (int)sizeof(T)>(tile + l * stride + i, row + pixel);
                continue;
            }
            for (int e = 0; e < step; e++)
                if (pixel + e >= 0 && pixel + e < plane.pixels)
                    copy_element(tile + l * stride + i + e, row + (pixel + e) * plane.pixel_stride);
        }
    }
}

// The same for columns. `lines` must be a power of two times the pack, and the first line a multiple of the pack.
template <typename T>
__device__ void stage_columns(T* tile, int stride, const Plane<T>& plane, int first_line, int lines, int first_pixel, int pixels, Team team)
{
    constexpr int pack = sizeof(T) < 4 ? 4 / (int)sizeof(T) : 1;
    bool aligned = pack > 1 && plane.line_stride == 1 && plane.alignment >= 4;
    int words = lines / pack, rows = SPN_WARP / words;
    int word = team.lane % words, line = first_line + word * pack;
    for (int i = team.warp * rows + team.lane / words; i < pixels; i += team.warps * rows) {
        int pixel = first_pixel + i;
        if (pixel < 0 || pixel >= plane.pixels)
            continue;
        T* to = tile + word * (stride * pack) + i * pack;
        const T* from = plane.data + pixel * plane.pixel_stride + line * plane.line_stride;
        if (aligned && line >= 0 && line + pack <= plane.lines) {
            copy_async<4>(to, from);
            continue;
        }
        for (int e = 0; e < pack; e++)
            if (line + e >= 0 && line + e < plane.lines)
                copy_element(to + e, from + e * plane.line_stride);
    }
}

template <typename T>
__device__ __forceinline__ void stage(
    T* tile, int stride, const Plane<T>& plane, bool columns, int first_line, int lines, int first_pixel, int pixels, Team team)
{
    if (columns)
        stage_columns(tile, stride, plane, first_line, lines, first_pixel, pixels, team);
    else
        stage_rows(tile, stride, plane, first_line, lines, first_pixel, pixels, team);
}

// A lane's adjacent pixels, read and written in one access.
template <typename T, int Bytes>
struct alignas(Bytes) Pixels {
    T at[SPN_PIXELS];
};

template <typename T>
struct PixelsOf {
    static constexpr int bytes = SPN_PIXELS * (int)sizeof(T);
    typedef Pixels<T, (bytes < 16 ? bytes : 16)> type;
};

template <typename T>
__device__ __forceinline__ void load_pixels(const T* tile, int stride, int pack, int line, int pixel, T out[SPN_PIXELS])
{
    if (sizeof(T) >= 4 || pack == 1) {
        typename PixelsOf<T>::type pixels = *(const typename PixelsOf<T>::type*)(tile + line * stride + pixel);
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++)
            out[j] = pixels.at[j];
    } else {
        constexpr int lines = sizeof(T) < 4 ? 4 / (int)sizeof(T) : 1;
        const unsigned int* words = (const unsigned int*)tile + line / lines * stride + pixel;
        typename PixelsOf<unsigned int>::type pixels = *(const typename PixelsOf<unsigned int>::type*)words;
        int shift = line % lines * 8 * (int)sizeof(T);
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++)
            out[j] = (T)(pixels.at[j] >> shift);
    }
}

__device__ __forceinline__ void load_real(const stored* tile, int stride, int pack, int line, int pixel, real out[SPN_PIXELS])
{
    stored raw[SPN_PIXELS];
    load_pixels(tile, stride, pack, line, pixel, raw);
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++)
        out[j] = to_real(raw[j]);
}

__device__ __forceinline__ void store_pixels(real* tile, int stride, int line, int pixel, const real values[SPN_PIXELS])
{
    typename PixelsOf<real>::type pixels;
#pragma unroll
    for (int j = 0; j < SPN_PIXELS; j++)
        pixels.at[j] = values[j];
    *(typename PixelsOf<real>::type*)(tile + line * stride + pixel) = pixels;
}

// Converts a tensor's element type from and to `real`.
template <typename T>
struct Element {
    static __device__ __forceinline__ real get(T value) { return to_real(value); }
    static __device__ __forceinline__ T put(real value) { return to_stored(value); }
};

#if SPN_SCALAR >= 2
template <>
struct Element<real> {
    static __device__ __forceinline__ real get(real value) { return value; }
    static __device__ __forceinline__ real put(real value) { return value; }
};
#endif

// How a direction's result is combined with the results of earlier directions at a pixel.
enum Combine { COMBINE_SET, COMBINE_LARGER, COMBINE_RUNNING_MEAN };

struct Joining {
    int combine;
    real weight; // of the new value in a running mean, which, unlike a sum that is divided at the end, keeps a constant exactly
};

template <typename T>
__device__ __forceinline__ void join(T* to, real value, Joining joining)
{
    if (joining.combine == COMBINE_LARGER) {
        real old = Element<T>::get(*to);
        value = value > old ? value : old;
    } else if (joining.combine == COMBINE_RUNNING_MEAN) {
        real old = Element<T>::get(*to);
        value = multiply_add(value - old, joining.weight, old);
    }
    *to = Element<T>::put(value);
}

// Writes a tile of results, whose pixel 0 is `origin`, to lines [first_line, first_line + lines) and pixels [start, end) of a plane.
// Adjacent lanes write adjacent addresses, so columns are also written in whole sectors.
template <typename T>
__device__ void unstage(
    const real* tile, int stride, const Plane<T>& plane, bool columns, int first_line, int lines, int origin, int start, int end, Team team,
    Joining joining)
{
    end = end < plane.pixels ? end : plane.pixels;
    if (columns) {
        int rows = SPN_WARP / SPN_LINES, l = team.lane % SPN_LINES;
        if (l >= lines)
            return;
        for (int pixel = start + team.warp * rows + team.lane / SPN_LINES; pixel < end; pixel += team.warps * rows) {
            T* to = plane.data + (first_line + l) * plane.line_stride + pixel * plane.pixel_stride;
            join(to, tile[l * stride + pixel - origin], joining);
        }
    } else {
        for (int l = team.warp; l < lines; l += team.warps)
            for (int pixel = start + team.lane; pixel < end; pixel += SPN_WARP) {
                T* to = plane.data + (first_line + l) * plane.line_stride + pixel * plane.pixel_stride;
                join(to, tile[l * stride + pixel - origin], joining);
            }
    }
}

#endif
