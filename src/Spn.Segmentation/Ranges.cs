namespace Spn.Segmentation;

/// <summary>Work on the elements of a range.</summary>
/// <param name="start">The first element.</param>
/// <param name="end">One past the last element.</param>
internal delegate void RangeBody(int start, int end);

/// <summary>Runs work on threads. The parts do not depend on the number of threads.</summary>
internal static class Ranges
{
    /// <summary>Splits 0..count-1 into parts and returns when all of them are done.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="part">The number of elements per part; the last part may be shorter.</param>
    /// <param name="threads">The maximum number of threads, 1 or more. The calling thread is one of them.</param>
    /// <param name="body">Independent work on a part.</param>
    public static void Run(int count, int part, int threads, RangeBody body)
    {
        int parts = (int)(((long)count + part - 1) / part);
        if (threads == 1 || parts <= 1)
        {
            for (int i = 0; i < parts; i++)
                Part(i);
            return;
        }
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, Part);

        void Part(int index) => body(index * part, (int)Math.Min(count, ((long)index + 1) * part));
    }
}
