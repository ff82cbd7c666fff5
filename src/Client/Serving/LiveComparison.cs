namespace Switchboard.Client.Serving;

/// <summary>
/// Compares what the gateway believes to be at this agent with what runs here, list by list, for one session. Ids are as the gateway
/// lists them. Not thread-safe: the subscription's reader alone uses it.
/// </summary>
internal sealed class LiveComparison
{
    private HashSet<ulong> _unknown = [];

    /// <summary>Takes the gateway's next list.</summary>
    /// <param name="listed">What it lists.</param>
    /// <param name="running">What runs here for requests of this session, all of which were read before the list.</param>
    /// <returns>
    /// GivenUp: runs here, and nobody waits for it. Forgotten: was listed now and the last time, and is not known here; named again with
    /// each further list, as saying so may have failed.
    /// </returns>
    public (IReadOnlyList<ulong> GivenUp, IReadOnlyList<ulong> Forgotten) Take(IReadOnlySet<ulong> listed, IReadOnlySet<ulong> running)
    {
        var unknown = listed.Where(id => !running.Contains(id)).ToHashSet();
        // Once is nothing: the answer may have been sent and have crossed the list on its way.
        List<ulong> forgotten = [.. unknown.Where(_unknown.Contains)];
        _unknown = unknown;
        return ([.. running.Where(id => !listed.Contains(id))], forgotten);
    }
}
