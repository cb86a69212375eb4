using SkiaSharp;
using Spn;
using Spn.Models;
using Spn.Torch;
using Spn.Training;

// Trains on a photo file and scenes, writes what a training writes, and widens and releases the model: every call of Spn.Training into Spn.
string folder = args[0], photos = Directory.CreateDirectory(Path.Combine(folder, "photos")).FullName, file = Path.Combine(folder, "model.safetensors");
Draw(Path.Combine(photos, "one.png"), new SKColor(60, 90, 130), new SKColor(200, 120, 40));
Draw(Path.Combine(photos, "one_gt.png"), SKColors.Black, SKColors.White);

using var model = new SpnModule(SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4, Channels = 4 });
var options = new TrainingOptions
{
    Folder = Path.Combine(folder, "run"), Steps = 2, BatchSize = 1, MasksPerImage = 1, CropSize = 64, WarmupSteps = 1, LogInterval = 1, CheckpointInterval = 2,
    ValidationInterval = 2, ValidationImages = 1, Threads = 1,
};
using (var trainer = new Trainer(model, new ImageFolder(photos), new SceneGenerator(), options))
    trainer.Run();
using SpnModule wide = ModelWidening.Widen(model, model.Configuration with { MaskWidth = 8 });
ModelRelease.Write(wide, file, keep: 1);
Console.WriteLine($"trained: {SpnModule.Load(file).Configuration.MaskWidth} maps; Spn {typeof(SpnModule).Assembly.GetName().Version}");

static void Draw(string path, SKColor outside, SKColor inside)
{
    using var picture = new SKBitmap(128, 128);
    picture.Erase(outside);
    using var canvas = new SKCanvas(picture);
    using var paint = new SKPaint { Color = inside };
    canvas.DrawCircle(60, 66, 40, paint);
    using FileStream stream = File.Create(path);
    picture.Encode(stream, SKEncodedImageFormat.Png, 100);
}
