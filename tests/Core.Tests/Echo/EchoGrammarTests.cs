using System.Text;
using System.Text.RegularExpressions;
using Switchboard.Core.Echo;

namespace Switchboard.Core.Tests.Echo;

/// <summary>H11: docs/echo.md is the grammar; every row of its tables is run as it stands there.</summary>
public sealed class EchoGrammarTests
{
    public static TheoryData<string, string> Commands => Rows("## Commands");

    public static TheoryData<string, string> Refusals => Rows("## Refusals");

    /// <summary>H11, H3: every response is what the page says, quoted as Go does.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void Takes_what_the_page_lists(string body, string response)
    {
        Assert.True(EchoGrammar.TryParse(Encoding.UTF8.GetBytes(body), out var command, out var problem), problem);
        Assert.Null(problem);
        Assert.Equal(response, $"SUCCESS {command.Kind} {GoQuote.Quote(command.Message)}");
    }

    /// <summary>H11, H1, A4: trailing bytes, duplicate keys, arrays, null and the rest are refused before anything is queued.</summary>
    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_what_the_page_lists_in_its_words(string body, string detail) => Refused(Encoding.UTF8.GetBytes(body), detail);

    /// <summary>The page has not lost its tables, nor this test its way of reading them.</summary>
    [Fact]
    public void The_page_has_its_rows() => Assert.Equal((12, 44), (Commands.Count, Refusals.Count));

    /// <summary>H11: what a table of text cannot show.</summary>
    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}' }, "the body begins with a byte order mark")]
    [InlineData(new byte[] { 0xFF }, "the body is not UTF-8")]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC0, 0x80, (byte)'"' }, "the body is not UTF-8")]
    [InlineData(new byte[] { (byte)'{', (byte)'}', 0xED, 0xA0, 0x80 }, "the body is not UTF-8")]
    [InlineData(new byte[] { (byte)'{', (byte)'\n', (byte)'"', 1, (byte)'"' }, "the body is not JSON: line 2, byte 2")]
    public void Refuses_bytes_that_are_no_text(byte[] body, string detail) => Refused(body, detail);

    /// <summary>A cut between the halves of a pair would itself make a string that is no text.</summary>
    [Fact]
    public void What_is_quoted_back_is_cut_between_characters()
    {
        var kind = new string('x', 31) + "😀 and more";
        Refused(
            Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}"}"""),
            $"\"kind\" must be \"create\" or \"delete\"; it is \"{new string('x', 31)}\"...");
    }

    /// <summary>Whatever bytes come: a command or a problem, never both or neither, and no exception.</summary>
    [Fact]
    public void Random_bytes_are_taken_or_refused() => EventSequences.Check(events =>
    {
        string[] parts =
            ["{", "}", "[", "]", ",", ":", " ", "\n", "\"kind\"", "\"message\"", "\"create\"", "\"", "\\ud800", "\\", "null", "1", "x"];
        byte[] body = [.. events.SelectMany(next => next.Draw(20) is var part && part < parts.Length
            ? Encoding.UTF8.GetBytes(parts[part])
            : [(byte)next.Draw(256)])];
        var taken = EchoGrammar.TryParse(body, out var command, out var problem);
        Assert.Equal(taken, command is not null);
        Assert.Equal(taken, problem is null);
        Assert.True(problem is null || problem.Length < 400 && !problem.Any(char.IsControl));
    });

    /// <summary>Any message that is text comes out as it went in.</summary>
    [Fact]
    public void Any_message_is_read_as_it_was_written() => EventSequences.Check(events =>
    {
        var text = new StringBuilder();
        foreach (var next in events)
        {
            var value = next.Draw(0x10FFFF);
            text.Append(Rune.IsValid(value) ? new Rune(value).ToString() : " ");
        }
        var message = text.ToString();
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { kind = "delete", message });
        Assert.True(EchoGrammar.TryParse(body, out var command, out _));
        Assert.Equal(new EchoCommand { Kind = "delete", Message = message }, command);
    }, sequences: 300);

    private static void Refused(byte[] body, string detail)
    {
        Assert.False(EchoGrammar.TryParse(body, out var command, out var problem));
        Assert.Null(command);
        Assert.Equal(detail, problem);
    }

    private static TheoryData<string, string> Rows(string heading)
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "echo.md"));
        var section = page.Split("\n## ").Single(part => part.StartsWith(heading[3..], StringComparison.Ordinal));
        var rows = new TheoryData<string, string>();
        foreach (Match row in Regex.Matches(section, "^\\| `(?<body>[^`]*)` \\| `(?<said>[^`]+)` \\|$", RegexOptions.Multiline))
        {
            rows.Add(row.Groups["body"].Value, row.Groups["said"].Value);
        }

        return rows;
    }
}
