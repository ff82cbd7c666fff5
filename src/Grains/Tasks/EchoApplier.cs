using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// The applier of the queue <c>echo</c>: its result is its payload. What the caller reads is made of that where the caller is
/// answered, outside of the part that runs one at a time: quoting a long message here would hold up everybody behind it.
/// </summary>
internal sealed class EchoApplier : ITaskApplier
{
    public string Queue => "echo";

    public ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        kind is "create" or "delete"
            ? ValueTask.FromResult(payload)
            : throw new ArgumentException("The kind of an echo task is 'create' or 'delete'.", nameof(kind));
}
