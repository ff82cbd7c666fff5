using System.Buffers.Binary;

namespace Switchboard.Scenarios.Faults;

/// <summary>What an agent does with a request of the storm.</summary>
internal enum StormResponse
{
    /// <summary>Responds in one message.</summary>
    Short,

    /// <summary>Responds in several messages, at times more than one window of them.</summary>
    Long,

    /// <summary>Responds after a while.</summary>
    Slow,

    /// <summary>Says that it failed, before the first message.</summary>
    Fails,

    /// <summary>Says that it failed, after the first message.</summary>
    FailsHalfway,

    /// <summary>Says nothing until nobody waits any more.</summary>
    Mute,
}

/// <summary>One request of the storm. Caller and agent draw it from seed and number, and so know what the other must have.</summary>
internal sealed class StormRequest
{
    private const int HeadBytes = sizeof(int);

    private StormRequest(int seed, int number)
    {
        var random = new Random(unchecked((seed * 486_187_739) + number));
        Number = number;
        Response = random.Next(100) switch
        {
            < 78 => StormResponse.Short,
            < 88 => StormResponse.Long,
            < 94 => StormResponse.Slow,
            < 97 => StormResponse.Fails,
            < 99 => StormResponse.FailsHalfway,
            _ => StormResponse.Mute,
        };
        Agent = random.Next();
        Status = random.Next(10) switch { 0 => 404, 1 => 503, _ => 200 };
        Pause = TimeSpan.FromMilliseconds(random.Next(20, 200));
        Body = Bytes(random, HeadBytes + Size(random, 2_000, 60_000));
        BinaryPrimitives.WriteInt32LittleEndian(Body, number);
        Parts = Response == StormResponse.Long
            ? [.. Enumerable.Range(0, random.Next(2, 12)).Select(_ => Bytes(random, random.Next(1, 40_000)))]
            : [Bytes(random, Size(random, 2_000, 100_000))];
    }

    public int Number { get; }

    public StormResponse Response { get; }

    /// <summary>Any number: the storm has so many agents.</summary>
    public int Agent { get; }

    public int Status { get; }

    public TimeSpan Pause { get; }

    public byte[] Body { get; }

    public IReadOnlyList<byte[]> Parts { get; }

    public bool IsRightResponse(ReadOnlySpan<byte> body)
    {
        foreach (var part in Parts)
        {
            if (!body.StartsWith(part))
            {
                return false;
            }

            body = body[part.Length..];
        }

        return body.IsEmpty;
    }

    public static StormRequest Draw(int seed, int number) => new(seed, number);

    /// <summary>Which request that body belongs to; null: none, it was harmed on the way.</summary>
    public static StormRequest? Of(int seed, ReadOnlySpan<byte> body)
    {
        if (body.Length < HeadBytes)
        {
            return null;
        }

        var request = Draw(seed, BinaryPrimitives.ReadInt32LittleEndian(body));
        return body.SequenceEqual(request.Body) ? request : null;
    }

    private static int Size(Random random, int usual, int rare) => random.Next(20) == 0 ? random.Next(rare) : random.Next(usual);

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
