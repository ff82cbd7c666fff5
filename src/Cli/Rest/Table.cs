using System.Text;

namespace Switchboard.Cli.Rest;

/// <summary>Formats rows under headings in columns.</summary>
internal static class Table
{
    public static string Format(string[] headings, IReadOnlyList<string[]> rows)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(headings))
        {
            var line = string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])));
            text.AppendLine(line.TrimEnd());
        }

        return text.ToString().TrimEnd();
    }
}
