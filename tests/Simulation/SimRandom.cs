namespace Switchboard.Simulation;

/// <summary>
/// Draws every number of a run. The algorithm is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
/// 2014; constants as in Vigna's public-domain reference), so that a seed means the same on every machine and in every .NET.
/// </summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below the bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>From the first to the second, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True so often in a thousand.</summary>
    public bool Chance(int perMille) => Below(1000) < perMille;

    public TimeSpan Ms(int low, int high) => TimeSpan.FromMicroseconds(Between(low * 1000, high * 1000));

    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
}
