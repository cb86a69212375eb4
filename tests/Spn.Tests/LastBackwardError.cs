using Xunit;

namespace Spn.Tests;

/// <summary>Tests that look for the last error of a backward pass, of which the process has one: not two of them at a time.</summary>
[CollectionDefinition(nameof(LastBackwardError))]
public sealed class LastBackwardError;
