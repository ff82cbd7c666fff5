using Switchboard.Api.Rest;

namespace Switchboard.Api.Tests.Rest;

/// <summary>RFC 7240, section 2, as callers write it.</summary>
public sealed class PreferencesTests
{
    [Theory]
    [InlineData("", false, null)]
    [InlineData("respond-async", true, null)]
    [InlineData("Respond-Async, Wait=5", true, 5)]
    [InlineData("wait=\"5\"", false, 5)]
    [InlineData("wait=5; now, handling=lenient", false, 5)]
    [InlineData("wait=5, wait=7", false, 5)]
    [InlineData("foo=\"a, wait=0\"", false, null)]
    [InlineData("foo=\"a, respond-async\", wait=3", false, 3)]
    public void What_is_asked_for_is_read_and_the_rest_left(string prefer, bool respondAsync, int? wait)
    {
        Assert.True(Preferences.TryParse(prefer, out var preferences));
        Assert.Equal(new Preferences(respondAsync, wait is { } seconds ? TimeSpan.FromSeconds(seconds) : null), preferences);
    }

    [Theory]
    [InlineData("wait=soon")]
    [InlineData("wait")]
    [InlineData("wait=-1")]
    [InlineData("wait=\"5")]
    public void A_wait_that_cannot_be_read_is_refused(string prefer) => Assert.False(Preferences.TryParse(prefer, out _));
}
