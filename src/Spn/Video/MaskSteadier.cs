using Spn.Imaging;
using Spn.Refinement;

namespace Spn.Video;

/// <summary>
/// Steadies the masks of a video: the mask of the previous frame is moved with the picture and mixed into the current one, with a weight
/// that falls where the picture changed. It holds the brightness of two frames and the mask of one.
/// </summary>
internal sealed class MaskSteadier
{
    /// <summary>The weight of the previous mask where the picture is the same.</summary>
    private const float Keep = 0.6f;

    /// <summary>The difference of brightness at and above which the previous mask has no weight: 25 levels of 255.</summary>
    private const float MaxDifference = 0.1f;

    /// <summary>The picture is compared over 3 x 3 pixels.</summary>
    private const int Around = 1;

    /// <summary>If the mean weight is below this share of the largest, the scene has changed.</summary>
    private const float MinShare = 0.25f;

    private GreyPyramid? _before, _now;
    private float[]? _mask;

    /// <summary>Treats the next frame as the first one.</summary>
    public void Restart() => _mask = null;

    /// <summary>Steadies a refined mask, and remembers it for the next frame.</summary>
    /// <param name="frame"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="mask"><c>[H, W]</c>, changed in place.</param>
    /// <param name="threads">The maximum number of threads; the result does not depend on it.</param>
    public void Steady(Planes frame, float[] mask, int threads)
    {
        if (_now is null || _now.Width != frame.Width || _now.Height != frame.Height)
        {
            (_before, _now) = (new GreyPyramid(frame.Width, frame.Height), new GreyPyramid(frame.Width, frame.Height));
            Restart();
        }
        (_before, _now) = (_now, _before!);
        _now.Read(frame);
        if (_mask is not null)
            Mix(mask, _mask, _before, _now, new ParallelOptions { MaxDegreeOfParallelism = threads });
        _mask ??= new float[mask.Length];
        mask.CopyTo(_mask, 0);
    }

    private static void Mix(float[] mask, float[] before, GreyPyramid pictureBefore, GreyPyramid picture, ParallelOptions parallel)
    {
        (int width, int height) = (picture.Width, picture.Height);
        // Elsewhere both masks are decided, and the same unless the object has jumped.
        Focus open = Focus.Of(mask, width).With(Focus.Of(before, width)).Grown(BlockMotion.Grid + BlockMotion.MaxMotion, width, height);
        if (open.IsEmpty)
            return;
        BlockMotion motion = BlockMotion.Between(pictureBefore, picture, open, parallel);
        float[] moved = new float[open.Pixels], difference = new float[open.Pixels];
        Parallel.For(0, open.Height, parallel, y =>
        {
            ReadOnlySpan<float> now = picture[0];
            for (int x = 0; x < open.Width; x++)
            {
                BlockMotion.Place place = motion.At(open.Left + x, open.Top + y);
                float column = open.Left + x + place.Mix(motion.X), row = open.Top + y + place.Mix(motion.Y);
                int at = y * open.Width + x;
                moved[at] = Sample(before, width, height, column, row);
                float shown = Sample(pictureBefore[0], width, height, column, row);
                difference[at] = Math.Abs(shown - now[(open.Top + y) * width + open.Left + x]);
            }
        });
        BoxFilter.Mean(difference, open.Width, Around);
        if (difference.Average(Weight) < MinShare * Keep)
            return;
        for (int y = 0; y < open.Height; y++)
        {
            for (int x = 0; x < open.Width; x++)
            {
                int at = y * open.Width + x;
                ref float value = ref mask[(open.Top + y) * width + open.Left + x];
                value += Weight(difference[at]) * (moved[at] - value);
            }
        }
    }

    private static float Weight(float difference) => Keep * Math.Max(0, 1 - difference / MaxDifference);

    /// <summary>The bilinear value of a mask at a place; beyond the border, the border is repeated.</summary>
    private static float Sample(ReadOnlySpan<float> mask, int width, int height, float x, float y)
    {
        x = Math.Clamp(x, 0, width - 1);
        y = Math.Clamp(y, 0, height - 1);
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
        (float across, float down) = (x - left, y - top);
        return (1 - down) * ((1 - across) * mask[top * width + left] + across * mask[top * width + right])
            + down * ((1 - across) * mask[bottom * width + left] + across * mask[bottom * width + right]);
    }
}
