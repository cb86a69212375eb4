using Xunit;

namespace Spn.Segmentation.Tests;

/// <summary>Tests that need the process to themselves: they measure memory.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
