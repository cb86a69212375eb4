// The baseline for the library's kernels: one launch per line, one thread per pixel of the line, and the state in global memory, as in
// implementations of the operator since the first one. Gates are normalised where they are used; those implementations normalise them in a
// separate pass.
// It supports one direction, with one group of gates per channel or one group for all channels.
#include "gates.cuh"

struct Classic {
    int planes, channels, groups; // planes = N·C
    int lines, length;            // of the scan
    int line, step;               // the line of this launch, and -1 or +1 to the next line in scan order
    int first;                    // whether it is the first line of the scan
    long long line_stride, pixel_stride, plane;
    const stored *x, *guidance, *input_gate, *grad_output;
    stored* hidden;
    real* grad_hidden;            // ∂L/∂h of all lines
    stored *grad_x, *grad_guidance, *grad_input_gate;
};

struct Site {
    long long at;   // index in a map [N, C, H, W]
    long long gate; // index of the first gate in guidance [N, 3, G, H, W]
    long long step; // distance between gates
    long long input_gate;
    int pixel;
};

__device__ __forceinline__ Site site(const Classic& a, int plane, int line, int pixel)
{
    int n = plane / a.channels, g = plane % a.channels / (a.channels / a.groups);
    long long inside = line * a.line_stride + pixel * a.pixel_stride;
    Site s;
    s.at = plane * a.plane + inside;
    s.step = a.groups * a.plane;
    s.gate = (long long)n * 3 * s.step + g * a.plane + inside;
    s.input_gate = (long long)n * s.step + g * a.plane + inside;
    s.pixel = pixel;
    return s;
}

__device__ __forceinline__ void read_gates(const Classic& a, const Site& s, bool first, real r[3], bool present[3], real p[3])
{
    for (int k = 0; k < 3; k++) {
        present[k] = !first && s.pixel + k - 1 >= 0 && s.pixel + k - 1 < a.length;
        r[k] = to_real(a.guidance[s.gate + k * s.step]);
    }
    normalize(SPN_NORMALIZATION, r, present, p);
}

extern "C" __global__ void __launch_bounds__(256) classic_forward(const Classic a)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)a.planes * a.length)
        return;
    Site s = site(a, (int)(i / a.length), a.line, (int)(i % a.length));
    real r[3], p[3], x = to_real(a.x[s.at]), base = SPN_INPUT_GATE ? 0 : x, h = x;
    bool present[3];
    read_gates(a, s, a.first, r, present, p);
    if (SPN_INPUT_GATE)
        h = to_real(a.input_gate[s.input_gate]) * x;
    for (int k = 0; k < 3; k++)
        if (present[k])
            h = multiply_add(p[k], to_real(a.hidden[s.at - a.step * a.line_stride + (k - 1) * a.pixel_stride]) - base, h);
    a.hidden[s.at] = to_stored(h);
}

// One line of the reverse scan, with separate gates per channel (shared gates would need atomic sums). ∂L/∂h gathers from the next line,
// whose gates are normalised again.
extern "C" __global__ void __launch_bounds__(256) classic_backward(const Classic a)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)a.planes * a.length)
        return;
    int plane = (int)(i / a.length), pixel = (int)(i % a.length), after = a.line + a.step;
    Site s = site(a, plane, a.line, pixel);
    real r[3], p[3], d[3], g = to_real(a.grad_output[s.at]);
    bool present[3];
    if (after >= 0 && after < a.lines)
        for (int k = 0; k < 3; k++) {
            int neighbour = pixel - (k - 1); // the pixel whose gate k leads here
            if (neighbour < 0 || neighbour >= a.length)
                continue;
            Site next = site(a, plane, after, neighbour);
            read_gates(a, next, false, r, present, p);
            g = multiply_add(p[k], a.grad_hidden[next.at], g);
        }
    a.grad_hidden[s.at] = g;

    real x = to_real(a.x[s.at]);
    read_gates(a, s, a.first, r, present, p);
    for (int k = 0; k < 3; k++) {
        long long from = s.at - a.step * a.line_stride + (k - 1) * a.pixel_stride;
        d[k] = present[k] ? g * (to_real(a.hidden[from]) - (SPN_INPUT_GATE ? 0 : x)) : 0;
    }
    raw_gradient(SPN_NORMALIZATION, r, present, p, d);
    for (int k = 0; k < 3; k++)
        a.grad_guidance[s.gate + k * s.step] = to_stored(present[k] ? d[k] : 0);
    if (SPN_INPUT_GATE)
        a.grad_input_gate[s.input_gate] = to_stored(g * x);
    a.grad_x[s.at] = to_stored((SPN_INPUT_GATE ? to_real(a.input_gate[s.input_gate]) : 1 - p[0] - p[1] - p[2]) * g);
}
