using OpenCvSharp;
using Spn.Evaluation.Photos;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

public sealed class ThinPartsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ThinPartsTests() => OpenCv.Require();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Thin_parts_and_thin_gaps_count_with_their_surroundings()
    {
        using Mat truth = Disc();
        Cv2.Line(truth, new Point(256, 20), new Point(256, 150), Scalar.White, thickness: 5); // a mast on the disc
        Cv2.Line(truth, new Point(220, 256), new Point(330, 256), Scalar.Black, thickness: 4); // a slit in it
        using Mat region = ThinParts.Region(truth);

        Assert.Equal(255, region.At<byte>(60, 256));
        Assert.Equal(255, region.At<byte>(60, 256 + 9));
        Assert.Equal(0, region.At<byte>(60, 256 + 20));
        Assert.Equal(255, region.At<byte>(256, 280));
        Assert.Equal(0, region.At<byte>(256, 156)); // the boundary of the disc
        Assert.Equal(0, region.At<byte>(300, 256));
    }

    [Fact]
    public void The_image_border_makes_nothing_thin()
    {
        using Mat truth = new(512, 512, MatType.CV_8UC1, Scalar.Black);
        Cv2.Rectangle(truth, new Rect(0, 100, 4, 300), Scalar.White, thickness: -1); // the side of an object that goes on outside
        using Mat region = ThinParts.Region(truth);
        Assert.Equal(0, Cv2.CountNonZero(region));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_pixels_around_thin_parts_count(bool mast)
    {
        using Mat truth = Disc(), image = new(512, 512, MatType.CV_8UC3, Scalar.Gray);
        if (mast)
            Cv2.Line(truth, new Point(256, 20), new Point(256, 150), Scalar.White, thickness: 5);
        Cv2.ImWrite(_folder.File("photo.jpg"), image);
        Cv2.ImWrite(_folder.File("photo_gt.png"), truth);

        using Photo all = new PhotoFolder(_folder.Path).Open("photo"), thin = new PhotoFolder(_folder.Path, thinOnly: true).Open("photo");
        Assert.False(all.IsEmpty);
        Assert.Equal(0, all.Ignored.Pixels.IndexOf((byte)0));
        Assert.Equal(!mast, thin.IsEmpty);
        if (mast)
            Assert.Equal((0, 1), (thin.Ignored.Pixels[60 * 512 + 256], thin.Ignored.Pixels[256 * 512 + 256]));
    }

    private static Mat Disc()
    {
        var truth = new Mat(512, 512, MatType.CV_8UC1, Scalar.Black);
        Cv2.Circle(truth, 256, 256, 100, Scalar.White, thickness: -1);
        return truth;
    }
}
