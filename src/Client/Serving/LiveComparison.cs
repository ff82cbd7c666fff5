namespace Switchboard.Client.Serving;

/// <summary>
/// Compares the gateway's lists of this session's live requests with the requests that run here. Not thread-safe: only the
/// subscription's reader uses it.
/// </summary>
internal sealed class LiveComparison
{
    private HashSet<ulong> _unknown = [];

    /// <summary>Compares the next list.</summary>
    /// <param name="listed">The ids that the gateway lists.</param>
    /// <param name="running">The ids of this session's requests that run here, all of which were received before the list.</param>
    /// <returns>
    /// GivenUp: the ids that run here and are not listed. Unknown: the ids that are listed now and were the last time, and do not run
    /// here; they are returned again with each further list, because reporting them may have failed.
    /// </returns>
    public (IReadOnlyList<ulong> GivenUp, IReadOnlyList<ulong> Unknown) Compare(IReadOnlySet<ulong> listed, IReadOnlySet<ulong> running)
    {
        var unknown = listed.Where(id => !running.Contains(id)).ToHashSet();
        // An id that is missing for the first time may have ended here while the list was on its way.
        List<ulong> unknownTwice = [.. unknown.Where(_unknown.Contains)];
        _unknown = unknown;
        return ([.. running.Where(id => !listed.Contains(id))], unknownTwice);
    }
}
