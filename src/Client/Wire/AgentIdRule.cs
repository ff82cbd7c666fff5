namespace Switchboard.Client.Wire;

/// <summary>What an agent id may look like (DESIGN.md, section 1), looked at before anything is sent.</summary>
internal static class AgentIdRule
{
    public const string Text = "1 to 128 of A-Z a-z 0-9 . _ : -, first and last a letter or digit, not \"events\"";

    public static bool Holds(string? id) =>
        id is { Length: >= 1 and <= 128 }
        && id != "events"
        && char.IsAsciiLetterOrDigit(id[0])
        && char.IsAsciiLetterOrDigit(id[^1])
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');
}
