using Spn.Segmentation.Lattice;
using Spn.Segmentation.MeanField;

namespace Spn.Segmentation;

/// <summary>
/// The fully connected CRF (dense CRF) of Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge
/// Potentials", NIPS 2011: refines class probabilities so that pixels that are near each other and of similar colour get the same class.
/// Mean field with messages filtered on a permutohedral lattice (Adams, Baek and Davis, 2010), in C# without libtorch.
/// </summary>
/// <remarks>
/// <para>Needs no training. Immutable and thread-safe. The result is the same for any number of threads on one machine.</para>
/// <para>
/// For K classes (rounded up to whole vectors of 4 or 8) a call needs 8 · K bytes per pixel beside input and result, about 180 bytes per
/// pixel for the lattices, and 100 + 8 · min(K, 32) bytes per vertex of the lattices. The number of vertices depends on the image; it is
/// typically between a tenth and twice the number of pixels, and never more than nine times. Images may have up to 35 million pixels.
/// </para>
/// </remarks>
public sealed class DenseCrf
{
    private const int MaxBlock = 32;

    private readonly DenseCrfOptions _options;

    /// <summary>A CRF with the default options, those of DeepLab v2 with ResNet101.</summary>
    public DenseCrf()
        : this(DenseCrfOptions.DeepLabResNet101)
    {
    }

    /// <summary>A CRF with these options.</summary>
    /// <param name="options">For example <see cref="DenseCrfOptions.KrahenbuhlKoltun"/>.</param>
    /// <exception cref="ArgumentNullException">The options are null.</exception>
    public DenseCrf(DenseCrfOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Refines class probabilities.</summary>
    /// <param name="image">The image.</param>
    /// <param name="coarseClasses">
    /// A probability for every class and pixel, for at least 2 classes. At another size than the image's they are resized, see
    /// <see cref="Mask.Resize"/>; the proportions must agree to within one coarse pixel. Probabilities below 1e-5 count as 1e-5, and only
    /// the ratios of a pixel's probabilities matter.
    /// </param>
    /// <param name="cancellation">Stops the work before the next iteration.</param>
    /// <returns>Probabilities at the image's size, which sum to 1 at every pixel.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// There are fewer than 2 classes or too many values, the proportions differ, or a value is NaN or outside 0..1.
    /// </exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, or is too large.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(coarseClasses);
        CoarseClasses.RequireClasses(coarseClasses, nameof(coarseClasses));
        PairwiseKernel[] kernels = KernelsOf(image, out int width, out int height);
        float[] values = CoarseClasses.Fit(coarseClasses, width, height, nameof(coarseClasses));
        Run(values, coarseClasses.Classes, kernels, cancellation);
        return ClassProbabilities.FromPixels(values, coarseClasses.Classes, width, height);
    }

    /// <summary>Refines a mask, as two classes of probability p and 1 - p.</summary>
    /// <param name="image">The image.</param>
    /// <param name="coarseMask">
    /// The mask: a probability for every pixel. A hard mask of zeros and ones is almost certain everywhere (1e-5), so only strong evidence
    /// changes it.
    /// </param>
    /// <param name="cancellation">Stops the work before the next iteration.</param>
    /// <returns>The mask at the image's size.</returns>
    /// <inheritdoc cref="Refine(ImageInput, ClassProbabilities, CancellationToken)"/>
    public Mask Refine(ImageInput image, Mask coarseMask, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(coarseMask);
        PairwiseKernel[] kernels = KernelsOf(image, out int width, out int height);
        float[] values = CoarseClasses.Fit(coarseMask, width, height, nameof(coarseMask));
        Run(values, 2, kernels, cancellation);
        return ClassProbabilities.FromPixels(values, 2, width, height)[1];
    }

    /// <summary>Refines class probabilities with kernels over any features. The kernels of the options are not used.</summary>
    /// <param name="coarseClasses">A probability for every class and pixel, for at least 2 classes.</param>
    /// <param name="kernels">Kernels over as many pixels; without any the result is the normalized input.</param>
    /// <param name="cancellation">Stops the work before the next iteration.</param>
    /// <returns>Probabilities, which sum to 1 at every pixel.</returns>
    /// <exception cref="ArgumentNullException">An argument or a kernel is null.</exception>
    /// <exception cref="ArgumentException">
    /// There are fewer than 2 classes or too many values, a kernel has another number of pixels, or a value is NaN or outside 0..1.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public ClassProbabilities Refine(
        ClassProbabilities coarseClasses, IReadOnlyList<PairwiseKernel> kernels, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(coarseClasses);
        ArgumentNullException.ThrowIfNull(kernels);
        PairwiseKernel[] copied = [.. kernels];
        (int width, int height) = (coarseClasses.Width, coarseClasses.Height);
        foreach (PairwiseKernel kernel in copied)
        {
            ArgumentNullException.ThrowIfNull(kernel, nameof(kernels));
            if (kernel.Pixels != width * height)
            {
                throw new ArgumentException(
                    $"{nameof(kernels)}: expected {width} x {height} pixels, got {kernel.Pixels:N0}.", nameof(kernels));
            }
        }
        CoarseClasses.RequireClasses(coarseClasses, nameof(coarseClasses));
        float[] values = CoarseClasses.Fit(coarseClasses, width, height, nameof(coarseClasses));
        Run(values, coarseClasses.Classes, copied, cancellation);
        return ClassProbabilities.FromPixels(values, coarseClasses.Classes, width, height);
    }

    private PairwiseKernel[] KernelsOf(ImageInput image, out int width, out int height)
    {
        float[] pixels = image.ToPixels(out width, out height);
        return
        [
            PairwiseKernel.Position(width, height, _options.SmoothnessPosition, _options.SmoothnessWeight),
            PairwiseKernel.Appearance(
                pixels, width, height, _options.AppearancePosition, _options.AppearanceColor, _options.AppearanceWeight),
        ];
    }

    /// <summary>Refines <c>[K, N]</c> in place.</summary>
    private void Run(float[] values, int classes, PairwiseKernel[] kernels, CancellationToken cancellation)
    {
        kernels = [.. kernels.Where(kernel => kernel.Weight > 0)];
        var lattices = new PermutohedralLattice?[kernels.Length];
        try
        {
            // One lattice is made on one thread, except for its neighbours.
            Ranges.Run(kernels.Length, 1, _options.Threads, (i, _) => lattices[i] = NormalizedLattice.Create(kernels[i], _options.Threads));
            cancellation.ThrowIfCancellationRequested();
            Run(values, classes, lattices!, cancellation);
        }
        finally
        {
            foreach (PermutohedralLattice? lattice in lattices)
                lattice?.Dispose();
        }
    }

    /// <summary>Chooses the rows that are filled best.</summary>
    private void Run(float[] values, int classes, PermutohedralLattice[] lattices, CancellationToken cancellation)
    {
        int blocks = (classes + MaxBlock - 1) / MaxBlock;
        switch ((classes + blocks - 1) / blocks)
        {
            case <= 4:
                Run<Row4>(values, classes, lattices, cancellation);
                break;
            case <= 8:
                Run<Row8>(values, classes, lattices, cancellation);
                break;
            case <= 16:
                Run<RowPair<Row8, Row8>>(values, classes, lattices, cancellation);
                break;
            case <= 24:
                Run<RowPair<RowPair<Row8, Row8>, Row8>>(values, classes, lattices, cancellation);
                break;
            default:
                Run<RowPair<RowPair<Row8, Row8>, RowPair<Row8, Row8>>>(values, classes, lattices, cancellation);
                break;
        }
    }

    private void Run<TRow>(float[] values, int classes, PermutohedralLattice[] lattices, CancellationToken cancellation)
        where TRow : unmanaged, IRow<TRow>
    {
        using var inference = new MeanFieldInference<TRow>(lattices, classes, values.Length / classes, _options.Threads);
        inference.Run(values, _options.Iterations, cancellation);
    }
}
