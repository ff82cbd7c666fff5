using System.Collections.Immutable;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>Something with parts that can change.</summary>
[GenerateSerializer]
[Alias("compat.parcel")]
public class Parcel
{
    [Id(0)]
    public List<string> Items { get; set; } = [];

    [Id(1)]
    public Dictionary<string, byte[]> Named { get; set; } = [];

    [Id(2)]
    public Parcel? Inner { get; set; }

    [Id(3)]
    private int _secret;

    [Id(4)]
    public IReadOnlyList<int>? Numbers { get; init; }

    [Id(5)]
    public DateTimeOffset? At { get; set; }

    [Id(6)]
    public object? Anything { get; set; }

    public int Secret() => _secret;

    public void SetSecret(int value) => _secret = value;
}

[GenerateSerializer]
[Alias("compat.parcel-with-stamp")]
public sealed class StampedParcel : Parcel
{
    [Id(0)]
    public string? Stamp { get; set; }
}

/// <summary>A record whose positional members need no ids.</summary>
[GenerateSerializer]
[Alias("compat.letter")]
public sealed record Letter(string To, List<string> Lines)
{
    [Id(0)]
    public int Copies { get; init; }
}

[GenerateSerializer]
[Immutable]
[Alias("compat.seal")]
public sealed record Seal
{
    [Id(0)]
    public required ReadOnlyMemory<byte> Wax { get; init; }

    [Id(1)]
    public ImmutableArray<string> Marks { get; init; } = [];
}

[GenerateSerializer]
[Alias("compat.pair")]
public struct Pair
{
    [Id(0)]
    public int[] Left { get; set; }

    [Id(1)]
    public (string Name, List<int> Values) Right { get; set; }
}

/// <summary>Nobody said that this can be sent.</summary>
public sealed class Contraband
{
    public string? What { get; set; }
}

public enum Colour
{
    Red,
    Green,
}

[Alias("compat.post-office")]
public interface IPostOffice : IGrainWithStringKey
{
    [Alias("Keep")]
    Task Keep(Parcel parcel);

    [Alias("Show")]
    Task<Parcel?> Show();

    [Alias("Change")]
    Task Change();

    [Alias("KeepLetter")]
    Task<Letter> KeepLetter(Letter letter);

    [Alias("KeepSeal")]
    Task<Seal> KeepSeal(Seal seal);

    [Alias("KeepPair")]
    Task<Pair> KeepPair(Pair pair);

    [Alias("KeepBytes")]
    Task<byte[]> KeepBytes(byte[] bytes);

    [Alias("KeepMemory")]
    Task<ReadOnlyMemory<byte>> KeepMemory(ReadOnlyMemory<byte> bytes);

    [Alias("Scribble")]
    Task Scribble([Immutable] int[] numbers);

    [Alias("KeepAnything")]
    Task<object?> KeepAnything(object? anything);

    [Alias("Plain")]
    Task<string> Plain(Guid id, DateTimeOffset at, TimeSpan span, Uri uri, Colour colour, int? maybe, decimal money, Version version);
}

[GrainType("compat-post-office")]
public sealed class PostOfficeGrain : Grain, IPostOffice
{
    private Parcel? _parcel;
    private byte[]? _bytes;

    public Task Keep(Parcel parcel)
    {
        _parcel = parcel;
        return Task.CompletedTask;
    }

    public Task<Parcel?> Show() => Task.FromResult(_parcel);

    public Task Change()
    {
        _parcel!.Items.Add("changed by the grain");
        return Task.CompletedTask;
    }

    public Task<Letter> KeepLetter(Letter letter)
    {
        letter.Lines.Add("read");
        return Task.FromResult(letter);
    }

    public Task<Seal> KeepSeal(Seal seal) => Task.FromResult(seal);

    public Task<Pair> KeepPair(Pair pair)
    {
        pair.Left[0]++;
        pair.Right.Values.Add(1);
        return Task.FromResult(pair);
    }

    public Task<byte[]> KeepBytes(byte[] bytes)
    {
        _bytes = bytes;
        _bytes[0]++;
        return Task.FromResult(_bytes);
    }

    public Task<ReadOnlyMemory<byte>> KeepMemory(ReadOnlyMemory<byte> bytes) => Task.FromResult(bytes);

    public Task Scribble(int[] numbers)
    {
        numbers[0]++;
        return Task.CompletedTask;
    }

    public Task<object?> KeepAnything(object? anything) => Task.FromResult(anything);

    public Task<string> Plain(Guid id, DateTimeOffset at, TimeSpan span, Uri uri, Colour colour, int? maybe, decimal money, Version version)
        => Task.FromResult(FormattableString.Invariant($"{id} {at:o} {span} {uri} {colour} {maybe} {money} {version}"));
}
