using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Api.Rest;

/// <summary>
/// Checks the names in a query string: with a misspelt parameter ignored, the call would do something else than intended.
/// </summary>
internal static class QueryRules
{
    private const int LongestName = 64;

    /// <summary>Returns the problem, or null.</summary>
    /// <param name="query">The query.</param>
    /// <param name="known">The defined parameters.</param>
    /// <param name="repeatable">The one of them that may be given more than once.</param>
    public static string? Problem(IQueryCollection query, ReadOnlySpan<string> known, string repeatable)
    {
        foreach (var (name, values) in query)
        {
            if (!TryFind(name, known, out var parameter))
            {
                var shown = name.Length <= LongestName ? name : name[..LongestName] + "...";
                return known.IsEmpty
                    ? $"There is no parameter '{shown}' here; there are none."
                    : $"There is no parameter '{shown}' here; there are {string.Join(", ", known)}.";
            }

            if (values.Count > 1 && parameter != repeatable)
            {
                return $"{parameter} is given {values.Count} times; once is allowed.";
            }
        }

        return null;
    }

    // Case-insensitive, as in ASP.NET Core.
    private static bool TryFind(string name, ReadOnlySpan<string> known, [NotNullWhen(true)] out string? found)
    {
        foreach (var parameter in known)
        {
            if (parameter.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                found = parameter;
                return true;
            }
        }

        found = null;
        return false;
    }
}
