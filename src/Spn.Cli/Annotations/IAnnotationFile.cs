namespace Spn.Cli.Annotations;

/// <summary>A file of an annotation tool. What is not replaced stays as it was.</summary>
internal interface IAnnotationFile
{
    /// <summary>The images that have objects with masks, in the order of the file.</summary>
    IReadOnlyList<AnnotatedImage> Images { get; }

    /// <summary>The whole file.</summary>
    byte[] Write();
}
