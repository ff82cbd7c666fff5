using System.Collections.Concurrent;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Harness;

/// <summary>A session's stream whose other side stops reading: the write after <see cref="StuckAfter"/> others hangs.</summary>
internal sealed class StuckStream : ISessionStream, IDisposable
{
    private readonly ConcurrentQueue<AgentRequest> _written = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int StuckAfter { get; init; }

    public Task Stuck => _stuck.Task;

    public Task Aborted => _aborted.Task;

    public CancellationToken Gone => _gone.Token;

    /// <summary>What the agent got.</summary>
    public IReadOnlyCollection<AgentRequest> Written => _written;

    public static Subscriber Subscriber(string agent, uint maxInFlight = 0)
    {
        Assert.True(AgentKey.TryCreate(AgentKey.DefaultTenant, agent, out var key, out _));
        return new Subscriber { Agent = key, Labels = new Dictionary<string, string>(), SoftwareVersion = "", MaxInFlight = maxInFlight };
    }

    public async Task WriteAsync(AgentRequest message, bool flush)
    {
        if (_written.Count >= StuckAfter && !_released.Task.IsCompleted)
        {
            _stuck.TrySetResult();
            await _released.Task;
        }

        _written.Enqueue(message);
    }

    public void Abort()
    {
        _aborted.TrySetResult();
        _released.TrySetException(new IOException("aborted"));
    }

    public void Release() => _released.TrySetResult();

    /// <summary>Waits for the next so many writes.</summary>
    public Task CountAsync(int total) => Eventually.IsTrueAsync(() => _written.Count >= total, () => $"{_written.Count} of {total} writes");

    public void Dispose() => _gone.Dispose();

    public async Task LeaveAsync(Task running)
    {
        await _gone.CancelAsync();
        Release();
        await running.DefaultTimeout();
    }
}
