using Switchboard.Abstractions.Requests;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>A state with what a grain may keep: bytes, times, lists and messages.</summary>
[GenerateSerializer, Alias("switchboard.tests.SampleState")]
public sealed class SampleState
{
    [Id(0)]
    public RequestReport? Report { get; set; }

    [Id(1)]
    public byte[] Payload { get; set; } = [];

    [Id(2)]
    public DateTimeOffset ExpiresAt { get; set; }

    [Id(3)]
    public IReadOnlyList<HeaderLine>? ResponseHeaders { get; set; }
}
