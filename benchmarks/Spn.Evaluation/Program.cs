using Spn.Evaluation;
using Spn.Evaluation.CutOuts;

try
{
    return args switch
    {
        ["real", ..] => RealSuites.Run(RealArguments.Parse(args[1..])),
        ["cutouts", ..] => CutOutSuite.Run(CutOutArguments.Parse(args[1..])),
        _ => PhotoSuite.Run(Arguments.Parse(args)),
    };
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Arguments.Usage}\n\n{RealArguments.Usage}\n\n{CutOutArguments.Usage}");
    return 2;
}
catch (Exception refusal) when (refusal is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 1;
}
