namespace Switchboard.Bench.GrainPerRequest;

/// <summary>What a grain for every live request would have to do at the least: be there, and hear of the end.</summary>
[Alias("bench.IPendingGrain")]
public interface IPendingGrain : IGrainWithIntegerKey
{
    /// <summary>The request is there.</summary>
    [Alias("Begin")]
    Task Begin();

    /// <summary>It has ended; the activation goes.</summary>
    [Alias("Finish")]
    Task Finish();
}

/// <summary>Holds as much as a pending reply does: nearly nothing.</summary>
[GrainType("bench-pending")]
internal sealed class PendingGrain : Grain, IPendingGrain
{
    private readonly TaskCompletionSource _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Begin() => Task.CompletedTask;

    public Task Finish()
    {
        _reply.SetResult();
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
