namespace Switchboard.Bench.StandIns;

/// <summary>Something that can be called, in this process.</summary>
internal interface ICalls : IAsyncDisposable
{
    /// <summary>One call; throws where the answer is not the one to this number.</summary>
    Task CallAsync(long number);
}
