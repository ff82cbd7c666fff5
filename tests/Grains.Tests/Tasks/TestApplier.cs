using System.Collections.Concurrent;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tests.Tasks;

/// <summary>Applies nothing, writes down what it was asked to, and waits, throws or succeeds as the kind says.</summary>
internal sealed class TestApplier : ITaskApplier
{
    private int _running;

    public string Queue => "test";

    /// <summary>Payload of each task that was begun, in order: by the tests' custom its id.</summary>
    public ConcurrentQueue<ulong> Applied { get; } = new();

    /// <summary>Tasks of the kind `gated` wait for this.</summary>
    public TaskCompletionSource Gate { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Overlapped { get; private set; }

    public async ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        Applied.Enqueue(BitConverter.ToUInt64(payload.Span));
        Overlapped |= Interlocked.Increment(ref _running) != 1;
        try
        {
            switch (kind)
            {
                case "gated":
                    await Gate.Task;
                    break;
                case "yields":
                    await Task.Yield();
                    break;
                case "throws":
                    throw new InvalidOperationException("poison");
                case "throws-later":
                    await Task.Yield();
                    throw new InvalidOperationException("poison");
                case "until-stopped":
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                    break;
                default:
                    break;
            }

            return payload;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
