// Who touched each byte of shared memory last. Two threads race where one writes what the other reads or writes and no barrier stands between.
//
// Every warp lives through intervals, from one barrier to its next. A stamp is an interval and a lane. Two stamps are ordered where a barrier that both
// took part in lies between: of the warp, the block or the cluster. Shuffles order nothing: CUDA promises no more.
#pragma once
#include <stdint.h>
#include <string.h>
#include <vector>

class Shadow {
public:
    typedef uint32_t Stamp; // 0: nobody

    // `bytes` of zeroed memory are watched through `cells`.
    struct Cell {
        Stamp write, read, other_read, in_flight;
    };

    // Begins with the blocks of a cluster: what was before is forgotten.
    void begin(Cell* cells, size_t count)
    {
        if (next_ > 1u << 25) {
            memset((void*)cells, 0, count * sizeof(Cell));
            next_ = 1;
        }
        cells_ = cells;
        first_ = next_;
        intervals_.clear();
    }

    // A warp's next interval, as its lane 0's stamp.
    Stamp interval(int block, int warp, uint32_t block_epoch, uint32_t cluster_epoch)
    {
        intervals_.push_back({block, warp, block_epoch, cluster_epoch});
        return next_++ << 5;
    }

    // The stamp that races with this access, or 0. Where the bytes are the target of a copy that has not been waited for: who copies them.
    Stamp read(size_t at, size_t bytes, Stamp me)
    {
        return each(at, bytes, [=](Cell& cell) -> Stamp {
            if (fresh(cell.in_flight))
                return cell.in_flight;
            if (cell.write != me && concurrent(cell.write, me))
                return cell.write;
            if (cell.read != me && cell.other_read != me)
                (concurrent(cell.read, me) ? cell.other_read : cell.read) = me;
            return 0;
        });
    }

    Stamp write(size_t at, size_t bytes, Stamp me)
    {
        return each(at, bytes, [=](Cell& cell) -> Stamp {
            if (fresh(cell.in_flight))
                return cell.in_flight;
            for (Stamp other : {cell.write, cell.read, cell.other_read})
                if (other != me && concurrent(other, me))
                    return other;
            cell.write = me;
            return 0;
        });
    }

    void take_off(size_t at, size_t bytes, Stamp me)
    {
        for (size_t i = at; i < at + bytes; i++)
            cells_[i].in_flight = me;
    }

    void land(size_t at, size_t bytes)
    {
        for (size_t i = at; i < at + bytes; i++)
            cells_[i].in_flight = 0;
    }

    int block_of(Stamp stamp) const { return of(stamp).block; }
    int thread_of(Stamp stamp) const { return of(stamp).warp * 32 + (int)(stamp & 31); }

private:
    // Bytes of an element mostly share their history, so what is found for one is taken over for the next.
    template <typename Access>
    __attribute__((always_inline)) Stamp each(size_t at, size_t bytes, Access access)
    {
        Cell *cell = cells_ + at, before = *cell;
        if (Stamp other = access(*cell))
            return other;
        for (size_t i = 1; i < bytes; i++) {
            if (same(cell[i], before))
                cell[i] = *cell;
            else if (Stamp other = access(cell[i]))
                return other;
        }
        return 0;
    }

    static bool same(const Cell& a, const Cell& b)
    {
        return ((a.write ^ b.write) | (a.read ^ b.read) | (a.other_read ^ b.other_read) | (a.in_flight ^ b.in_flight)) == 0;
    }

    struct Interval {
        int block, warp;
        uint32_t block_epoch, cluster_epoch;
    };

    const Interval& of(Stamp stamp) const { return intervals_[(stamp >> 5) - first_]; }

    bool fresh(Stamp stamp) const { return stamp >> 5 >= first_; }

    bool concurrent(Stamp a, Stamp b) const
    {
        if (!fresh(a))
            return false;
        if (a >> 5 == b >> 5)
            return a != b;
        const Interval &left = of(a), &right = of(b);
        if (left.block != right.block)
            return left.cluster_epoch == right.cluster_epoch;
        return left.warp != right.warp && left.block_epoch == right.block_epoch;
    }

    Cell* cells_ = nullptr;
    uint32_t first_ = 1, next_ = 1;
    std::vector<Interval> intervals_;
};
