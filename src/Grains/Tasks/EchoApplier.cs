using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Applies the tasks of the queue <c>echo</c>: its result is its payload. The caller's text is made of that at the front door, outside of
/// the part that runs one at a time: quoting a long message here would delay every task behind it.
/// </summary>
internal sealed class EchoApplier : ITaskApplier
{
    public string Queue => "echo";

    public ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        kind is "create" or "delete"
            ? ValueTask.FromResult(payload)
            : throw new ArgumentException("The kind of an echo task is 'create' or 'delete'.", nameof(kind));
}
