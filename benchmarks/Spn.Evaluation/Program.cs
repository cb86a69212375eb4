using Spn.Evaluation;

try
{
    return args is ["real", ..] ? RealSuites.Run(RealArguments.Parse(args[1..])) : PhotoSuite.Run(Arguments.Parse(args));
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Arguments.Usage}\n\n{RealArguments.Usage}");
    return 2;
}
catch (Exception refusal) when (refusal is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 1;
}
