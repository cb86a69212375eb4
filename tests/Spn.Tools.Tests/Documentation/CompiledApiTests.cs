using Microsoft.CodeAnalysis;
using Xunit;

namespace Spn.Tools.Tests.Documentation;

/// <summary>What a caller may write, asked of the compiler itself.</summary>
public sealed class CompiledApiTests
{
    private const string Given =
        """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading;
        using System.Threading.Tasks;
        using SkiaSharp;
        using Spn;
        using Spn.Models;
        using TorchSharp;
        static class Caller
        {
            static async Task Call(string path, Stream stream, SKBitmap bitmap, torch.Tensor tensor, torch.Tensor imageTensor, torch.Tensor maskTensor, byte[] bytes, float[] floats, bool[] bits,
                LabelMap labels, ClassProbabilities classes, Refiner refiner, IRefinementMethod method)
            {
        """;

    [Theory]
    [InlineData("Mask refined = SpnRefiner.Refine(\"photo.jpg\", \"mask.png\"); refined.Save(\"refined.png\");")]
    [InlineData("using Refiner own = SpnRefiner.Configure().OnBestDevice().WithMethod(method).Build(); Mask other = own.Refine(path, path);")]
    [InlineData("Mask m = SpnRefiner.Refine(path, stream);")]
    [InlineData("Mask m = SpnRefiner.Refine(stream, bitmap);")]
    [InlineData("Mask m = SpnRefiner.Refine(bitmap, bitmap);")]
    [InlineData("Mask m = SpnRefiner.Refine(bitmap, refiner.Refine(path, path));")]
    [InlineData("Mask m = SpnRefiner.Refine(tensor, path);")]
    [InlineData("Mask m = SpnRefiner.Refine(path, tensor);")]
    [InlineData("Mask m = SpnRefiner.Refine(ImageInput.FromPixels(bytes, 2, 2, PixelFormat.Gray8), MaskInput.FromPixels(floats, 2, 2));")]
    [InlineData("Mask m = SpnRefiner.Refine(ImageInput.FromPixels(bytes.AsSpan(), 2, 2, PixelFormat.Bgra32, 8), MaskInput.FromPixels(bits, 2, 2));")]
    [InlineData("torch.Tensor t = SpnRefiner.Refine(tensor, tensor);")]
    [InlineData("LabelMap l = SpnRefiner.Refine(path, labels); l = refiner.Refine(bitmap, LabelMap.Load(path));")]
    [InlineData("ClassProbabilities c = SpnRefiner.Refine(tensor, classes);")]
    [InlineData("foreach (Mask m in refiner.RefineMany([(path, path), (bitmap, stream)])) { }")]
    [InlineData("Mask m = await refiner.RefineAsync(path, stream, default);")]
    [InlineData("Mask m = await refiner.RefineAsync(path, stream, new Progress<RefineProgress>(p => Console.WriteLine(p.Fraction)));")]
    [InlineData("Mask m = SpnRefiner.Configure().WithChangeLimit().Build().Refine(path, stream, out RefineReport report); double share = report.ChangedShare;")]
    [InlineData("Mask m = refiner.Affinity(path, 10, 20);")]
    [InlineData("Mask m = SpnRefiner.Refine(bytes, bytes); m = refiner.Refine(tensor, bytes.AsMemory()); m = await refiner.RefineAsync(bytes, path);")]
    [InlineData("IReadOnlyList<Mask> m = refiner.Refine(path, [path, stream, bitmap, Mask.Load(path), tensor, bytes]);")]
    [InlineData("IReadOnlyList<Mask> m = await refiner.RefineAsync(path, [path, path]); m = refiner.Refine(path, [path], out RefineReport report);")]
    [InlineData("Refined<LabelMap> l = await refiner.RefineWithReportAsync(path, labels); double seconds = l.Report.Timings.Total.TotalSeconds;")]
    [InlineData("ClassProbabilities c = await refiner.RefineAsync(path, classes, default); c = refiner.Refine(path, classes, out _);")]
    [InlineData("await foreach (Mask m in refiner.RefineManyAsync(new (ImageInput, MaskInput)[] { (path, path) }.ToAsyncEnumerable())) { }")]
    [InlineData("Mask m = refiner.Refine(path, MaskInput.From(path).With(new MaskOptions { Fit = MaskFit.Letterbox, Values = MaskValues.Logits }));")]
    [InlineData("Mask m = Mask.Load(path).Invert().Resize(3, 4).RemoveSpecks(5); var box = m.BoundingBox(); m = Mask.FromPolygons(m.ToPolygons(), 3, 4);")]
    public void Compiles(string statements) => Assert.Empty(Errors(statements));

    [Theory]
    [InlineData("refiner.Refine(floats, floats);")]
    [InlineData("refiner.Refine(floats, bits);")]
    [InlineData("refiner.Refine(1f, 2f);")]
    [InlineData("refiner.RefineClasses(floats, floats);")]
    public void Arrays_and_numbers_never_become_tensors(string statement)
    {
        Assert.NotEmpty(Errors(statement));
        // The danger is real: the same values do become tensors where a tensor is asked for.
        Assert.Empty(Errors("torch.Tensor a = bytes, b = floats, c = bits, d = 1f;"));
    }

    private static IEnumerable<string> Errors(string statements)
        => CompiledCode.Compile(OutputKind.DynamicallyLinkedLibrary, CompiledCode.Parse($"{Given}{statements} await Task.Yield(); }} }}")).Errors();
}
