using Xunit;

namespace Spn.SystemTests;

/// <summary>Tests that need the process to themselves because they measure its memory.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
