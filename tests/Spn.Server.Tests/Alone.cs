// Metrics and memory belong to the process, so a test must not see the calls of another one.
[assembly: Xunit.CollectionBehavior(Xunit.CollectionBehavior.CollectionPerAssembly)]
