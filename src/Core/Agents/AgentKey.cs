using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Core.Agents;

/// <summary>Identifies an agent by a tenant and an agent id. The only place that makes the grain key <c>tenant/agent_id</c>.</summary>
/// <remarks>The characters allowed in either part exclude <c>/</c>, so that no two pairs share a key.</remarks>
public readonly record struct AgentKey
{
    /// <summary>The tenant of clients that name none.</summary>
    public const string DefaultTenant = "default";

    /// <summary>The longest tenant or agent id, in characters.</summary>
    public const int MaxLength = 128;

    // `/v1/agents/events` is a route's name, so an agent of that name could not be asked for over REST.
    private const string Reserved = "events";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly SearchValues<char> _allowed = SearchValues.Create(Letters + "._:-");

    private readonly string? _tenant;
    private readonly string? _agentId;

    private AgentKey(string tenant, string agentId) => (_tenant, _agentId) = (tenant, agentId);

    /// <summary>The tenant; empty in <c>default(AgentKey)</c>, which names no agent.</summary>
    public string Tenant => _tenant ?? string.Empty;

    /// <summary>The agent's id within its tenant; empty in <c>default(AgentKey)</c>.</summary>
    public string AgentId => _agentId ?? string.Empty;

    /// <summary>Creates a key from what a client sent.</summary>
    /// <param name="tenant">The tenant; null means <see cref="DefaultTenant"/>.</param>
    /// <param name="agentId">1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>, first and last a letter or digit, not <c>events</c>.</param>
    /// <param name="key">The key, or <c>default</c>.</param>
    /// <param name="problem">If it returns false: the field and the limit that it violates, in words for the client.</param>
    public static bool TryCreate(
        string? tenant, string? agentId, out AgentKey key, [NotNullWhen(false)] out string? problem)
    {
        key = default;
        tenant ??= DefaultTenant;
        problem = Problem("tenant", tenant) ?? Problem("agent_id", agentId);
        if (problem is null && agentId == Reserved)
        {
            problem = $"agent_id must not be `{Reserved}`, which is a reserved name";
        }

        if (problem is not null)
        {
            return false;
        }

        key = new AgentKey(tenant, agentId!);
        return true;
    }

    /// <summary>Parses a grain key.</summary>
    /// <exception cref="FormatException">The text was not made by <see cref="ToString"/>.</exception>
    public static AgentKey Parse(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            throw new FormatException("An agent's grain key is `tenant/agent_id`; this one has no `/`.");
        }

        if (!TryCreate(grainKey[..slash], grainKey[(slash + 1)..], out var key, out var problem))
        {
            throw new FormatException($"An agent's grain key is `tenant/agent_id`: {problem}.");
        }

        return key;
    }

    /// <summary>Returns the grain key, <c>tenant/agent_id</c>.</summary>
    public override string ToString() => $"{Tenant}/{AgentId}";

    private static string? Problem(string field, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return $"{field} is missing; it must be 1 to {MaxLength} characters long";
        }

        if (value.Length > MaxLength)
        {
            return $"{field} must be 1 to {MaxLength} characters long; it has {value.Length}";
        }

        if (value.AsSpan().ContainsAnyExcept(_allowed))
        {
            return $"{field} must be made of A-Z a-z 0-9 . _ : - only";
        }

        if (!char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            return $"{field} must begin and end with a letter or digit";
        }

        return null;
    }
}
