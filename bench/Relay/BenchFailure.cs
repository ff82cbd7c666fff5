namespace Switchboard.Bench;

/// <summary>The run is worth nothing: a reply was wrong or missing, or a server did not start.</summary>
internal sealed class BenchFailure : Exception
{
    public BenchFailure(string message)
        : base(message)
    {
    }

    public BenchFailure(string message, Exception inner)
        : base(message, inner)
    {
    }
}
