using Switchboard.Api.Grpc;

namespace Switchboard.Api.Tests.Grpc;

public sealed class CallMetadataTests
{
    [Theory]
    [InlineData("1H", 3600)]
    [InlineData("2M", 120)]
    [InlineData("30S", 30)]
    [InlineData("1500m", 1.5)]
    [InlineData("99999999u", 99.999999)]
    [InlineData("100000n", 0.0001)]
    public void A_timeout_reads_as_gRPC_has_it(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), CallMetadata.ParseTimeout(text));

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("10")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("10x")]
    public void What_does_not_is_no_timeout(string text) => Assert.Null(CallMetadata.ParseTimeout(text));
}
