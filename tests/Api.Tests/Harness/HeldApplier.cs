using System.Collections.Concurrent;
using System.Text;
using Switchboard.Abstractions.Tasks;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>An applier that holds every task until it is let go, fails those called <c>poison</c>, and remembers what it applied.</summary>
internal sealed class HeldApplier : ITaskApplier, IDisposable
{
    private readonly SemaphoreSlim _begun = new(0);
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Queue => "echo";

    /// <summary>What was applied, in order.</summary>
    public ConcurrentQueue<string> Applied { get; } = new();

    /// <summary>Waits until one more task has begun.</summary>
    public Task WhenBegunAsync() => _begun.WaitAsync().DefaultTimeout();

    /// <summary>From now on nothing is held.</summary>
    public void LetGo() => _gate.TrySetResult();

    /// <summary>From now on everything is held.</summary>
    public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _begun.Dispose();

    public async ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        _begun.Release();
        await _gate.Task;
        var text = Encoding.UTF8.GetString(payload.Span);
        if (text == "poison")
        {
            throw new InvalidOperationException("secret words of the applier");
        }

        Applied.Enqueue(text);
        return payload;
    }
}
