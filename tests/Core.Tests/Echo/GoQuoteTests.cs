using Switchboard.Core.Echo;

namespace Switchboard.Core.Tests.Echo;

/// <summary>H11: what Go's <c>%q</c> prints. The rows are by the rules of Go's strconv.Quote and its own test table.</summary>
public sealed class GoQuoteTests
{
    [Theory]
    [InlineData("", @"""""")]
    [InlineData("hello", @"""hello""")]
    [InlineData("a b~!", @"""a b~!""")]
    [InlineData("say \"hi\"", @"""say \""hi\""""")]
    [InlineData("it's", @"""it's""")]
    [InlineData("back\\slash", @"""back\\slash""")]
    [InlineData("\a\b\f\r\n\t\v", @"""\a\b\f\r\n\t\v""")]
    [InlineData("\0\u0001\u001b\u001f", @"""\x00\x01\x1b\x1f""")]
    [InlineData("\u007f", @"""\x7f""")]
    [InlineData("\u0080\u009f", @"""\u0080\u009f""")]
    [InlineData("\u00a0", @"""\u00a0""")]
    [InlineData("\u00ad", @"""\u00ad""")]
    [InlineData("é ÿ ß", "\"é ÿ ß\"")]
    [InlineData("☺", "\"☺\"")]
    [InlineData("日本語", "\"日本語\"")]
    [InlineData("e\u0301", "\"e\u0301\"")]
    [InlineData("\u200b\u200d\u200e", @"""\u200b\u200d\u200e""")]
    [InlineData("\u2028\u2029", @"""\u2028\u2029""")]
    [InlineData("\u2002\u3000", @"""\u2002\u3000""")]
    [InlineData("\ue000", @"""\ue000""")]
    [InlineData("\ufeff", @"""\ufeff""")]
    [InlineData("\ufffd", "\"\ufffd\"")]
    [InlineData("\uffff", @"""\uffff""")]
    [InlineData("\u0378", @"""\u0378""")]
    [InlineData("😀", "\"😀\"")]
    [InlineData("\U0001f468\u200d\U0001f469", "\"\U0001f468\\u200d\U0001f469\"")]
    [InlineData("\U000e0001", @"""\U000e0001""")]
    [InlineData("\U0010ffff", @"""\U0010ffff""")]
    [InlineData("\U000f0000", @"""\U000f0000""")]
    [InlineData("plain, then \n plain", @"""plain, then \n plain""")]
    public void Quotes_as_Go_does(string text, string expected) => Assert.Equal(expected, GoQuote.Quote(text));

    /// <summary>Attributes cannot hold half a pair. Go sees the bytes that a broken encoder makes of it, none of them UTF-8.</summary>
    [Fact]
    public void Half_of_a_surrogate_pair_is_written_as_bytes()
    {
        Assert.Equal(@"""\xed\xa0\x80""", GoQuote.Quote("\ud800"));
        Assert.Equal(@"""a\xed\xb0\x80b""", GoQuote.Quote("a\udc00b"));
        Assert.Equal("\"\\xed\\xa0\\xbd😀\"", GoQuote.Quote("\ud83d\ud83d\ude00"));
    }

    /// <summary>All of ASCII, by the rule alone.</summary>
    [Fact]
    public void Every_ASCII_character_follows_the_rule()
    {
        Dictionary<char, string> named = new()
        {
            ['"'] = "\\\"",
            ['\\'] = @"\\",
            ['\a'] = @"\a",
            ['\b'] = @"\b",
            ['\f'] = @"\f",
            ['\n'] = @"\n",
            ['\r'] = @"\r",
            ['\t'] = @"\t",
            ['\v'] = @"\v",
        };
        for (var c = '\0'; c < 128; c++)
        {
            var expected = named.TryGetValue(c, out var name) ? name : c is >= ' ' and <= '~' ? $"{c}" : $"\\x{(int)c:x2}";
            Assert.Equal($"\"{expected}\"", GoQuote.Quote(c.ToString()));
        }
    }

    /// <summary>What is quoted holds no line break and nothing that a terminal would act on.</summary>
    [Fact]
    public void Whatever_comes_in_no_control_character_comes_out() => EventSequences.Check(events =>
    {
        string text = new([.. events.Select(next => (char)next.Draw(char.MaxValue + 1))]);
        var quoted = GoQuote.Quote(text);
        Assert.True(quoted.Length >= text.Length + 2 && quoted[0] == '"' && quoted[^1] == '"');
        Assert.DoesNotContain(quoted, char.IsControl);
        Assert.DoesNotContain(quoted.EnumerateRunes(), rune => rune.Value == 0xfffd && !text.Contains('\ufffd'));
    }, sequences: 300);
}
