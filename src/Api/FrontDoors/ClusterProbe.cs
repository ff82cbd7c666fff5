using Switchboard.Abstractions.Requests;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Checks whether the cluster is available: activates a grain that was not active before, which reads the storage and replies. It uses
/// another grain each time, because active ones may reply while none can be activated; the grain is collected like all that hold nothing.
/// </summary>
/// <remarks>
/// One call is under way at a time, however many callers there are, and its result is reused for a while, so that probes cause no load.
/// </remarks>
internal sealed class ClusterProbe(IGrainFactory grains, GatewayClock clock)
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _goodFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _badFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<string?>? _asked;
    private ulong _probes;
    private TimeSpan _until;

    /// <summary>Returns why the cluster is unavailable; null if it is available.</summary>
    public Task<string?> ProblemAsync()
    {
        lock (_gate)
        {
            return _asked is { } asked && (!asked.IsCompleted || clock.Now < _until) ? asked : _asked = AskAsync();
        }
    }

    private async Task<string?> AskAsync()
    {
        // Not under the lock.
        await Task.Yield();
        string? problem = null;
        try
        {
            // Random ids are hardly ever so small, and one that is would only be looked up.
            var id = RequestId.Durable(Interlocked.Increment(ref _probes));
            await grains.GetGrain<IRequestGrain>(id.ToString()).Describe().BoundAsync(clock.Time, limit: _callLimit);
        }
        catch (Exception e)
        {
            problem = $"The cluster cannot be asked: {e.GetType().Name}.";
        }

        lock (_gate)
        {
            _until = clock.Now + (problem is null ? _goodFor : _badFor);
        }

        return problem;
    }
}
