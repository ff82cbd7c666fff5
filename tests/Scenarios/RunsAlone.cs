namespace Switchboard.Scenarios;

/// <summary>What takes the whole machine runs beside nothing else: storms, and what measures the heap.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "runs alone";
}
