using Xunit;

namespace Spn.Tests;

/// <summary>Tests that need the process to themselves: they count tensors and memory, seed the generator, or train with every core.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
