// Tiles of bytes that identify the direction with the maximum: rows as [line][pixel], columns as [pixel][line]. Lanes copy their own
// pixels.
#ifndef SPN_WINNERS_CUH
#define SPN_WINNERS_CUH
#include "scan.cuh"

template <bool Columns>
struct WinnerTiles {
    // Bytes of a copy: 4 if that divides the length of a row.
    static constexpr int unit = SPN_VECTOR / (int)sizeof(stored) >= 4 && SPN_PIXELS == 4 ? 4 : 1;

    Team team;
    int pixel, lines, length, at, tile_bytes;
    bool copies;

    __device__ __forceinline__ WinnerTiles(const Team& team, int origin, int lines, int length)
        : team(team), pixel(origin + team.warp * OWN_PIXELS + team.lane * SPN_PIXELS), lines(lines), length(length)
    {
        tile_bytes = team.held() * SPN_LINES;
        at = (pixel - origin) * (Columns ? SPN_LINES : 1);
        copies = team.warp == team.warps - 1 || team.lane * SPN_PIXELS < OWN_PIXELS;
    }

    // The offset of `line` of the lane's j-th pixel.
    __device__ __forceinline__ int offset(int line, int j) const
    {
        return Columns ? at + j * SPN_LINES + line : at + line * team.held() + j;
    }

    __device__ __forceinline__ void stage_tile(SharedAddress to, const Map& map, int n, int channel, int tile) const
    {
        if (!copies)
            return;
        const unsigned char* plane = plane_of<unsigned char>(map, n, channel);
        int first = tile * SPN_LINES;
#pragma unroll
        for (int l = 0; l < SPN_LINES; l += Columns ? unit : 1)
#pragma unroll
            for (int j = 0; j < SPN_PIXELS; j += Columns ? 1 : unit) {
                const unsigned char* from = plane + (Columns ? (pixel + j) * map.row + first + l : (first + l) * map.row + pixel + j);
                copy_async<unit>(to + offset(l, j), from, first + l < lines && pixel + j < length);
            }
    }

    // Sets g to 0 on a group of lines where another direction has the maximum.
    __device__ __forceinline__ void mask(SharedAddress tile, int line, int d, real (&g)[SPN_GROUP][SPN_PIXELS]) const
    {
#pragma unroll
        for (int i = 0; i < (Columns ? SPN_PIXELS : SPN_GROUP); i++) {
            constexpr int count = Columns ? SPN_GROUP : SPN_PIXELS;
            const SharedAddress from = tile + (Columns ? offset(line, i) : offset(line + i, 0));
            unsigned int bytes[1];
            if (count == 4)
                read_shared(from, bytes);
            else
                bytes[0] = read_shared_short(from);
#pragma unroll
            for (int e = 0; e < count; e++) {
                real& value = Columns ? g[e][i] : g[i][e];
                value = (int)(bytes[0] >> 8 * e & 255) == d ? value : 0;
            }
        }
    }
};

#endif
