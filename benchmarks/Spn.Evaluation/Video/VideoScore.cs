using Spn.Evaluation.Photos;
using Spn.Metrics;

namespace Spn.Evaluation.Video;

/// <summary>The sums over the frames of a sequence for one way to make its masks.</summary>
internal sealed class VideoScore
{
    private float[]? _mask;
    private byte[]? _truth;
    private double _iou, _mba, _flicker;
    private int _frames, _pairs;

    public double IoU => _iou / _frames;

    public double Mba => _mba / _frames;

    /// <summary>
    /// The pixels that changed sides from one frame to the next although the truth did not, as a share of the object's pixels; the mean
    /// over pairs of frames.
    /// </summary>
    public double Flicker => _flicker / _pairs;

    public bool HasPairs => _pairs > 0;

    public void Add(Photo frame, float[] mask)
    {
        BinaryMask binary = BinaryMask.From(mask, frame.Image.Width, frame.Image.Height);
        _iou += MaskMetrics.IoU(binary, frame.TruthMask, frame.Ignored);
        _mba += MaskMetrics.MeanBoundaryAccuracy(binary, frame.TruthMask, frame.Ignored);
        _frames++;
        frame.Truth.GetArray(out byte[] truth);
        if (_mask is not null && _mask.Length == mask.Length)
        {
            long flickering = 0, inside = 0;
            for (int i = 0; i < mask.Length; i++)
            {
                flickering += truth[i] == _truth![i] && mask[i] >= 0.5f != _mask[i] >= 0.5f ? 1 : 0;
                inside += truth[i] > 0 ? 1 : 0;
            }
            _flicker += (double)flickering / Math.Max(1, inside);
            _pairs++;
        }
        (_mask, _truth) = (mask, truth);
    }
}
