// A tile holds SPN_LINES lines of one plane in shared memory. It is filled by copies of 16 bytes and read by lanes that hold SPN_PIXELS
// adjacent pixels of a line, SPN_GROUP lines at a time. Positions outside the image are 0.
//
// Rows: [line][pixel]. Columns: [pixel][line], so that a copy takes 16 bytes of an image row, and no transposition is needed. The 16-byte
// pieces of a lane's pixels are permuted by an exclusive or with the lane's number: lanes that read the same piece of their pixels, and
// lanes that copy neighbouring pieces, then use different banks.
#ifndef SPN_TILE_CUH
#define SPN_TILE_CUH
#include "scalar.cuh"

#define SPN_WARP 32
#define SPN_HALO 8 // pixels per side that a warp shares with each of its neighbours

// Bytes of an access to global memory. It divides the address of every row and the length of a row, so an access lies in or outside the
// image.
#ifndef SPN_VECTOR
#define SPN_VECTOR 16
#endif

constexpr int OWN_PIXELS = SPN_WARP * SPN_PIXELS - 2 * SPN_HALO; // from a warp's first pixel to the next warp's
constexpr int PIECE = 16 / (int)sizeof(stored);                  // elements of a piece
constexpr int PIECES = SPN_LINES / PIECE;                        // per pixel, in a tile of columns
constexpr int LANE_PIECES = SPN_PIXELS * PIECES;                 // per lane
constexpr int PIXEL_BYTES = SPN_LINES * (int)sizeof(stored);     // a pixel in a tile

// A tensor [N, C, H, W], given by its strides in elements. Columns are adjacent.
struct Map {
    void* data;
    long long batch, channel, row, column;
    long long alignment; // for the host
};

template <typename T>
__device__ __forceinline__ T* plane_of(const Map& map, int n, int channel)
{
    return (T*)map.data + n * map.batch + channel * map.channel;
}

// The place of a warp and a lane among the warps of a line.
struct Team {
    int warp, warps, lane;

    __device__ __forceinline__ int held() const { return warps * OWN_PIXELS + 2 * SPN_HALO; } // pixels of all warps
    __device__ __forceinline__ int tile_bytes() const { return held() * PIXEL_BYTES; }
};

// --- Copies.

// A plane as a thread copies it: the address of its first piece of the first tile.
struct Source {
    const stored* from;
    long long row; // elements
};

// The pieces that a thread copies of every plane's tile. Together, the warps copy every pixel once.
template <bool Columns>
struct Copier {
    // Lanes that share a pixel (columns), or a piece of a line, whose lines they divide (rows).
    static constexpr int share = Columns ? PIECES : PIECE / SPN_PIXELS;
    static constexpr int step = Columns ? SPN_WARP / PIECES : share; // pixels or lines from one copy to the next
    static constexpr int copies = Columns ? LANE_PIECES : SPN_LINES / share;

    int pixel, line;   // of the first piece, relative to the plane and to the tile
    int lines, length; // from there to the end of the image
    int count;
    int even, odd; // offsets in a tile of every other copy, without the distance of 512 bytes or `step` lines
    int line_bytes;

    // `origin` is the first pixel of the team.
    __device__ __forceinline__ Copier(const Team& team, int origin, int plane_lines, int plane_length)
    {
        int in_warp = Columns ? team.lane / share : team.lane / share * PIECE;
        int all = team.warp == team.warps - 1 ? SPN_WARP * SPN_PIXELS : OWN_PIXELS, in_team = team.warp * OWN_PIXELS + in_warp;
        pixel = origin + in_team;
        line = Columns ? team.lane % share * PIECE : team.lane % share;
        lines = plane_lines - line;
        length = plane_length - pixel;
        count = Columns ? (all - in_warp + step - 1) / step : in_warp < all ? copies : 0;
        line_bytes = team.held() * (int)sizeof(stored);
        int quad = in_team / SPN_PIXELS, piece = in_team % SPN_PIXELS * PIECES + team.lane % share;
        even = Columns ? quad * LANE_PIECES * 16 + (piece ^ quad % LANE_PIECES) * 16 : line * line_bytes + in_team * (int)sizeof(stored);
        odd = Columns && step / SPN_PIXELS % LANE_PIECES != 0 ? even ^ (LANE_PIECES * 8) : even;
    }

    __device__ __forceinline__ Source source(const Map& map, int n, int channel) const
    {
        Source source;
        source.row = map.row;
        source.from = plane_of<stored>(map, n, channel) + (Columns ? pixel * map.row + line : line * map.row + pixel);
        return source;
    }
};

template <bool Columns>
__device__ __forceinline__ void copy_piece(SharedAddress to, const stored* from, int valid)
{
    constexpr int step = SPN_VECTOR / (int)sizeof(stored);
#pragma unroll
    for (int e = 0; e < PIECE; e += step)
        copy_async<SPN_VECTOR>(to + e * (int)sizeof(stored), from + e, e < valid);
}

// Starts copying a tile of N planes, each to the tile after the previous one's.
template <bool Columns, int N>
__device__ __forceinline__ void stage(const Copier<Columns>& copier, SharedAddress to, int tile_bytes, const Source* sources, int tile)
{
    const stored* from[N];
#pragma unroll
    for (int n = 0; n < N; n++)
        from[n] = sources[n].from + (Columns ? (long long)(tile * SPN_LINES) : tile * SPN_LINES * sources[n].row);
    int lines = copier.lines - tile * SPN_LINES, length = Columns && lines <= 0 ? 0 : copier.length;
#pragma unroll
    for (int k = 0; k < Copier<Columns>::copies; k++) {
        if (k < copier.count) {
            int at = k * Copier<Columns>::step;
            SharedAddress here = Columns ? to + (k % 2 ? copier.odd : copier.even) + k * 512 : to + copier.even + at * copier.line_bytes;
            int valid = Columns ? (at < length ? lines : 0) : at < lines ? length : 0;
#pragma unroll
            for (int n = 0; n < N; n++) {
                copy_piece<Columns>(here + n * tile_bytes, from[n], valid);
                from[n] += Copier<Columns>::step * sources[n].row;
            }
        }
    }
}

// --- Reads.

__device__ __forceinline__ real read_element(unsigned short, SharedAddress from) { return to_real((stored)read_shared_short(from)); }

__device__ __forceinline__ real read_element(float, SharedAddress from)
{
    unsigned int words[1];
    FloatBits bits;
    read_shared(from, words);
    bits.bits = words[0];
    return bits.value;
}

__device__ __forceinline__ real read_element(double, SharedAddress from)
{
    DoubleBits bits;
    read_shared(from, bits.words);
    return (real)bits.value;
}

// Finds a lane's pixels in a tile.
template <bool Columns>
struct Reader {
    int base, turn, line_bytes;

    __device__ __forceinline__ explicit Reader(const Team& team)
    {
        int pixel = team.warp * OWN_PIXELS + team.lane * SPN_PIXELS, quad = pixel / SPN_PIXELS;
        line_bytes = team.held() * (int)sizeof(stored);
        base = Columns ? quad * LANE_PIECES * 16 : pixel * (int)sizeof(stored);
        turn = quad % LANE_PIECES * 16;
    }

    // The offset of `line` of the lane's j-th pixel.
    __device__ __forceinline__ int offset(int line, int j) const
    {
        if (!Columns)
            return base + line * line_bytes + j * (int)sizeof(stored);
        int byte = j * PIXEL_BYTES + line * (int)sizeof(stored);
        return base + ((byte & ~15) ^ turn) + (byte & 15);
    }

    // The lines [line, line + SPN_GROUP).
    __device__ __forceinline__ void group(SharedAddress tile, int line, real (&to)[SPN_GROUP][SPN_PIXELS]) const
    {
        if (Columns) {
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++) {
                unsigned int words[words_of<stored, SPN_GROUP>];
                real lines[SPN_GROUP];
                read_shared(tile + offset(line, j), words);
                unpack<stored, SPN_GROUP>(words, lines);
#pragma unroll
                for (int s = 0; s < SPN_GROUP; s++)
                    to[s][j] = lines[s];
            }
        } else {
#pragma unroll
            for (int s = 0; s < SPN_GROUP; s++)
                row(tile, line + s, to[s]);
        }
    }

    // One line.
    __device__ __forceinline__ void line(SharedAddress tile, int line, real (&to)[SPN_PIXELS]) const
    {
        if (Columns) {
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j++)
                to[j] = read_element(stored(), tile + offset(line, j));
        } else {
            row(tile, line, to);
        }
    }

private:
    __device__ __forceinline__ void row(SharedAddress tile, int line, real (&to)[SPN_PIXELS]) const
    {
        unsigned int words[words_of<stored, SPN_PIXELS>];
        read_shared(tile + offset(line, 0), words);
        unpack<stored, SPN_PIXELS>(words, to);
    }
};

// --- Writes.

// Writes the first `valid` of N adjacent values, which are a whole number of vectors.
template <typename T, int N>
__device__ __forceinline__ void write_line(T* to, const real (&values)[N], int valid)
{
    constexpr int most = 16 / (int)sizeof(T), aligned = SPN_VECTOR / (int)sizeof(stored);
    constexpr int vector = (aligned < most ? aligned : most) < N ? (aligned < most ? aligned : most) : N;
#pragma unroll
    for (int e = 0; e < N; e += vector) {
        if (e < valid) {
            if constexpr (vector * sizeof(T) < 4) {
                put(to + e, values[e]);
            } else {
                unsigned int words[words_of<T, vector>];
                pack<T, vector>(values + e, words);
                write_global(to + e, words);
            }
        }
    }
}

// Writes a group of lines of a lane's pixels. `to` is the first pixel on the first line; `lines` and `pixels` count those in the image that
// are to be written.
template <bool Columns, typename T>
__device__ __forceinline__ void write_group(T* to, long long row, const real (&values)[SPN_GROUP][SPN_PIXELS], int lines, int pixels)
{
    if (Columns) {
#pragma unroll
        for (int j = 0; j < SPN_PIXELS; j++, to += row) {
            real of_pixel[SPN_GROUP];
#pragma unroll
            for (int s = 0; s < SPN_GROUP; s++)
                of_pixel[s] = values[s][j];
            write_line(to, of_pixel, j < pixels ? lines : 0);
        }
    } else {
#pragma unroll
        for (int s = 0; s < SPN_GROUP; s++, to += row)
            write_line(to, values[s], s < lines ? pixels : 0);
    }
}

#endif
