using System.Buffers;

namespace Switchboard.Core.Agents;

/// <summary>Maps agent ids to policies by patterns. The first match counts; without one it is <c>latest</c>.</summary>
/// <param name="rules">The patterns; <see cref="Problem"/> must return null for each.</param>
public sealed class PolicyRules(IReadOnlyList<(string Pattern, SessionPolicy Policy)> rules)
{
    /// <summary>The maximum length of a pattern, in characters: that of an id.</summary>
    public const int MaxLength = AgentKey.MaxLength;

    private static readonly SearchValues<char> _allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-*?");

    /// <summary>Returns what is wrong with a pattern, as a sentence without its subject; null if nothing is.</summary>
    public static string? Problem(string? pattern)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return "is empty; `*` matches every agent";
        }

        if (pattern.Length > MaxLength)
        {
            return $"has {pattern.Length} characters; at most {MaxLength} are allowed";
        }

        return pattern.AsSpan().ContainsAnyExcept(_allowed)
            ? "matches no agent: it must be made of A-Z a-z 0-9 . _ : - and of `*` (any run) and `?` (any one character)"
            : null;
    }

    /// <summary>Returns the policy of an agent.</summary>
    public SessionPolicy PolicyOf(string agentId)
    {
        ArgumentNullException.ThrowIfNull(agentId);
        foreach (var (pattern, policy) in rules)
        {
            if (Matches(pattern, agentId))
            {
                return policy;
            }
        }
        return SessionPolicy.Latest;
    }

    // Where a character does not match, the last `*` takes one more. Going back to an earlier `*` could not help: what stands between the
    // two has matched already. So the time is at most pattern times id, whatever the pattern.
    private static bool Matches(string pattern, string id)
    {
        int p = 0, star = -1, tried = 0;
        for (var i = 0; i < id.Length;)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, tried) = (p++, i);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == id[i]))
            {
                p++;
                i++;
            }
            else if (star >= 0)
            {
                (p, i) = (star + 1, ++tried);
            }
            else
            {
                return false;
            }
        }
        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
