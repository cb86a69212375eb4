using OpenCvSharp;
using Spn.Shared;

namespace Spn.Evaluation.Report;

/// <summary>Rows of cells of equal size that become one picture.</summary>
internal sealed class SheetRows : IDisposable
{
    private readonly List<Mat> _rows = [];

    /// <summary>Adds a row; the cells are disposed.</summary>
    public void Add(IReadOnlyList<Mat> cells)
    {
        var row = new Mat();
        Cv2.HConcat(cells, row);
        _rows.Add(row);
        foreach (Mat cell in cells)
            cell.Dispose();
    }

    public void Save(string path)
    {
        using Mat sheet = new();
        Cv2.VConcat(_rows, sheet);
        Cv2.ImEncode(".png", sheet, out byte[] png);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    public void Dispose() => _rows.ForEach(row => row.Dispose());
}
