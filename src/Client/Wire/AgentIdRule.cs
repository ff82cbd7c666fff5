namespace Switchboard.Client.Wire;

/// <summary>Checks agent ids by the gateway's rule, before anything is sent.</summary>
internal static class AgentIdRule
{
    /// <summary>The rule, for error messages.</summary>
    public const string Text = "1 to 128 of A-Z a-z 0-9 . _ : -, first and last a letter or digit, not \"events\"";

    /// <summary>Determines whether an agent id is valid.</summary>
    public static bool IsValid(string? id) =>
        id is { Length: >= 1 and <= 128 }
        && id != "events"
        && char.IsAsciiLetterOrDigit(id[0])
        && char.IsAsciiLetterOrDigit(id[^1])
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');
}
