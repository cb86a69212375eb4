using Xunit;

namespace Spn.Training.Tests;

/// <summary>Tests that need the process to themselves: they count tensors and memory, or train with every core.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
