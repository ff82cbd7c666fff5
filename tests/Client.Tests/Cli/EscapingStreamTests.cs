using System.Text;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Client.Tests.Cli;

/// <summary>Tests that control characters of a response do not reach a terminal.</summary>
public class EscapingStreamTests
{
    [Theory]
    [InlineData("plain text\tand\r\nlines\n", "plain text\tand\r\nlines\n")]
    [InlineData("\u001b]0;title\u0007\u001b[2J", "\\x1b]0;title\\x07\\x1b[2J")]
    [InlineData("caf\u00e9 \u00a9 \u20ac \ud83d\ude00", "caf\u00e9 \u00a9 \u20ac \ud83d\ude00")]
    [InlineData("\u009b31m\u007f", "\\x9b31m\\x7f")]
    public async Task Control_characters_are_shown_and_text_passes(string written, string shown)
    {
        Assert.Equal(shown, await WriteAsync(Encoding.UTF8.GetBytes(written), int.MaxValue));
        // In pieces of one byte: the two bytes of a C1 control come apart.
        Assert.Equal(shown, await WriteAsync(Encoding.UTF8.GetBytes(written), 1));
    }

    private static async Task<string> WriteAsync(byte[] bytes, int piece)
    {
        using var inner = new MemoryStream();
        await using var stream = new EscapingStream(inner);
        foreach (var chunk in bytes.Chunk(Math.Min(piece, bytes.Length)))
        {
            await stream.WriteAsync(chunk);
        }

        return Encoding.UTF8.GetString(inner.ToArray());
    }
}
