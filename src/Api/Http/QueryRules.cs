using System.Diagnostics.CodeAnalysis;

namespace Switchboard.Api.Http;

/// <summary>Checks the names in a query string: a misspelt parameter that is ignored does something else than was asked for.</summary>
internal static class QueryRules
{
    private const int LongestName = 64;

    /// <summary>Says what is wrong, or null.</summary>
    /// <param name="query">The query.</param>
    /// <param name="known">The parameters that there are, each once at most.</param>
    public static string? Problem(IQueryCollection query, params ReadOnlySpan<string> known) => Problem(query, known, repeatable: "");

    /// <summary>Says what is wrong, or null.</summary>
    /// <param name="query">The query.</param>
    /// <param name="known">The parameters that there are.</param>
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

    // As ASP.NET Core looks them up: in any case.
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
