using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

public sealed class SessionIdTests
{
    [Theory]
    [InlineData(255UL, "255", true)]
    [InlineData(255UL, "00000000000000ff", true)]
    [InlineData(255UL, "00000000000000FF", true)]
    [InlineData(255UL, "ff", false)]
    [InlineData(255UL, "256", false)]
    [InlineData(255UL, "", false)]
    [InlineData(255UL, " 255", false)]
    [InlineData(255UL, "+255", false)]
    [InlineData(255UL, "0x00000000000000ff", false)]
    [InlineData(ulong.MaxValue, "18446744073709551615", true)]
    [InlineData(ulong.MaxValue, "-1", true)]
    [InlineData(ulong.MaxValue, "18446744073709551616", false)]
    [InlineData(1UL, "-1", false)]
    [InlineData(0x1234567812345678UL, "1234567812345678", true)]
    [InlineData(1234567812345678UL, "1234567812345678", true)]
    public void Matches_however_a_client_prints_a_fixed64(ulong value, string text, bool expected) =>
        Assert.Equal(expected, new SessionId(value).Matches(text));

    [Fact]
    public void Prints_a_fingerprint_that_proves_nothing()
    {
        var session = new SessionId(0xABC);

        // printf '\0\0\0\0\0\0\x0a\xbc' | sha256sum
        Assert.Equal("7c281a1fed34", session.ToString());
        Assert.Equal(session.Fingerprint, session.ToString());
        Assert.False(session.Matches(session.ToString()));
    }
}
