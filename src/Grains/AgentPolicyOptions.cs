using Microsoft.Extensions.Options;
using Switchboard.Core.Agents;

namespace Switchboard.Grains;

/// <summary>Provides options for which agents are one process (policy <c>latest</c>, the default) and which are a pool of them.</summary>
public sealed class AgentPolicyOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Agents";

    /// <summary>The maximum number of entries of <see cref="Policies"/>, which are tried one after another.</summary>
    public const int MaxPolicies = 1000;

    /// <summary>The entries, of which the first whose pattern matches an agent's id counts. Default: none.</summary>
    public IReadOnlyList<AgentPolicyRule> Policies { get; set; } = [];

    internal PolicyRules ToRules() => new([.. Policies.Select(rule => (rule.Pattern, rule.Policy))]);
}

/// <summary>Represents one entry of <see cref="AgentPolicyOptions.Policies"/>.</summary>
public sealed class AgentPolicyRule
{
    /// <summary>The pattern of agent ids, with <c>*</c> for any run of characters and <c>?</c> for any one.</summary>
    public string Pattern { get; set; } = "";

    /// <summary>The policy of agents that it matches.</summary>
    public SessionPolicy Policy { get; set; }
}

/// <summary>Refuses invalid entries at startup: all of them together, each by its place in the list.</summary>
internal sealed class AgentPolicyOptionsValidator : IValidateOptions<AgentPolicyOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentPolicyOptions options)
    {
        const string Key = $"{AgentPolicyOptions.SectionName}:{nameof(AgentPolicyOptions.Policies)}";
        if (options.Policies.Count > AgentPolicyOptions.MaxPolicies)
        {
            return ValidateOptionsResult.Fail($"{Key} has {options.Policies.Count} entries; at most {AgentPolicyOptions.MaxPolicies} are allowed.");
        }

        var problems = new List<string>();
        for (var i = 0; i < options.Policies.Count; i++)
        {
            var rule = options.Policies[i];
            if (PolicyRules.Problem(rule.Pattern) is { } problem)
            {
                problems.Add($"{Key}:{i}:{nameof(rule.Pattern)} is '{rule.Pattern}'; it {problem}.");
            }

            if (!Enum.IsDefined(rule.Policy))
            {
                problems.Add($"{Key}:{i}:{nameof(rule.Policy)} is '{rule.Policy}'; it must be one of {string.Join(", ", Enum.GetNames<SessionPolicy>())}.");
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
