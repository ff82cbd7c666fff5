namespace Orleans.Runtime;

/// <summary>The address of a silo. There is only one.</summary>
public sealed class SiloAddress
{
    internal SiloAddress()
    {
    }
}
