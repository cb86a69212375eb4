using Spn.Evaluation;
using Spn.Evaluation.Classes;
using Spn.Evaluation.CutOuts;
using Spn.Evaluation.Scenes;
using Spn.Evaluation.Verdicts;
using Spn.Evaluation.Video;

try
{
    return args switch
    {
        ["real", ..] => RealSuites.Run(RealArguments.Parse(args[1..])),
        ["cutouts", ..] => CutOutSuite.Run(CutOutArguments.Parse(args[1..])),
        ["export", ..] => ClassExport.Run(ClassExportArguments.Parse(args[1..])),
        ["scenes", ..] => SceneExport.Run(SceneArguments.Parse(args[1..])),
        ["verdicts", ..] => VerdictSuite.Run(VerdictArguments.Parse(args[1..])),
        ["video", ..] => VideoSuite.Run(VideoArguments.Parse(args[1..])),
        _ => PhotoSuite.Run(Arguments.Parse(args)),
    };
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(string.Join(
        "\n\n", e.Message, Arguments.Usage, RealArguments.Usage, CutOutArguments.Usage, ClassExportArguments.Usage,
        SceneArguments.Usage, VerdictArguments.Usage, VideoArguments.Usage));
    return 2;
}
catch (Exception refusal) when (refusal is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 1;
}
