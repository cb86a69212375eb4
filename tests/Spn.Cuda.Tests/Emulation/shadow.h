// Who touched each byte of shared memory last. Two threads race if one writes what the other reads or writes and neither access is ordered
// before the other.
//
// Actors are warps, and the inboxes into which blocks push. An actor lives through intervals: a warp from one barrier to the next, an inbox
// with every push. A stamp is an interval and a lane. An interval's clock has the number of intervals of every actor that are ordered before
// it. Shuffles order nothing, because CUDA does not promise that they do.
#pragma once
#include <algorithm>
#include <stdint.h>
#include <string.h>
#include <vector>

// For every actor, the number of its intervals that have ended before some event.
typedef std::vector<uint32_t> Clock;

inline void join(Clock& clock, const Clock& other)
{
    for (size_t i = 0; i < clock.size(); i++)
        clock[i] = std::max(clock[i], other[i]);
}

class Shadow {
public:
    typedef uint32_t Stamp; // 0: nobody

    // `bytes` of zeroed memory are watched through `cells`.
    struct Cell {
        Stamp write, read, other_read, in_flight;
    };

    // Begins with the blocks of a cluster: what was before is forgotten.
    void begin(Cell* cells, size_t count, size_t actors)
    {
        if (next_ > 1u << 25) {
            memset((void*)cells, 0, count * sizeof(Cell));
            next_ = 1;
        }
        cells_ = cells;
        first_ = next_;
        actors_ = actors;
        intervals_.clear();
        clocks_.clear();
        lived_.assign(actors, 0);
    }

    // An actor's next interval, as its lane 0's stamp. `block` and `warp` are for messages.
    Stamp interval(int actor, int block, int warp, const Clock& clock)
    {
        intervals_.push_back({actor, block, warp, ++lived_[actor]});
        clocks_.insert(clocks_.end(), clock.begin(), clock.end());
        return next_++ << 5;
    }

    // The number of intervals that an actor has begun.
    uint32_t lived(int actor) const { return lived_[actor]; }

    // The stamp that races with this access, or 0. If the bytes are the target of a copy that has not been waited for: who copies them.
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

    // Whether `a`, which came earlier, is not ordered before `me`.
    bool concurrent(Stamp a, Stamp me) const
    {
        if (!fresh(a))
            return false;
        if (a >> 5 == me >> 5)
            return a != me;
        const Interval& other = of(a);
        return clocks_[((me >> 5) - first_) * actors_ + other.actor] < other.number;
    }

    uint32_t number_of(Stamp stamp) const { return of(stamp).number; }
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
        int actor, block, warp;
        uint32_t number; // of the actor's
    };

    const Interval& of(Stamp stamp) const { return intervals_[(stamp >> 5) - first_]; }

    bool fresh(Stamp stamp) const { return stamp >> 5 >= first_; }

    Cell* cells_ = nullptr;
    uint32_t first_ = 1, next_ = 1;
    size_t actors_ = 0;
    std::vector<Interval> intervals_;
    std::vector<uint32_t> clocks_, lived_;
};
