using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Peers;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Peers;

/// <summary>Two releases in one cluster, whose protocols between front doors differ.</summary>
public sealed class PeerVersionTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(1, 2, 1, 1, 1)]
    [InlineData(1, 2, 1, 2, 2)]
    [InlineData(1, 3, 2, 2, 2)]
    [InlineData(2, 2, 1, 1, null)]
    [InlineData(2, 3, 1, 1, null)]
    [InlineData(0, 0, 0, 0, null)]
    public void Two_speak_the_highest_version_that_both_do(int least, int most, int otherLeast, int otherMost, int? common)
    {
        var (one, other) = (new PeerVersions(least, most), new PeerVersions(otherLeast, otherMost));
        Assert.Equal((common, common), (one.Common(other), other.Common(one)));
    }

    /// <summary>The release that knew one version alone named no lowest.</summary>
    [Fact]
    public void A_lease_without_a_lowest_version_has_one()
    {
        var lease = new FrontDoorLease { Number = 1, Holder = Guid.NewGuid(), Observers = [], Name = "", PeerProtocol = 3 };
        Assert.Equal(new PeerVersions(3, 3), PeerVersions.Of(lease));
        Assert.Equal(new PeerVersions(2, 3), PeerVersions.Of(lease with { PeerProtocolLeast = 2 }));
    }

    /// <summary>A later release that speaks this one's version is served and serves; one that does not is handed nothing.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_later_release_is_spoken_to_in_this_ones_version_or_not_at_all(int least, bool served)
    {
        var pair = new GatewayPair
        {
            Configure = services => services.Replace(ServiceDescriptor.Singleton<IPeerEndpoint>(
                p => new OtherRelease(p.GetRequiredService<PeerEndpoint>(), least, PeerMetadata.Version + 1))),
        };
        await pair.InitializeAsync();
        try
        {
            await using var agent = await pair.ConnectAgentAsync("later");
            _ = agent.EchoAsync();
            var end = await TestCall.RunAsync(pair.First, "later", "hello");
            Assert.Equal(served ? ("hello", null) : ("", "unavailable"), (end.Text, end.Reason));
            Assert.Equal(served ? null : "no", end.Sent);
            Assert.Equal("there", (await TestCall.RunAsync(pair.Holder, "later", "there")).Text);
            await pair.AssertQuietAsync();
        }
        finally
        {
            await pair.DisposeAsync();
        }
    }

    private sealed class OtherRelease(PeerEndpoint own, int least, int most) : IPeerEndpoint
    {
        public string Address => own.Address;

        public string Certificate => own.Certificate;

        public int Protocol => most;

        public int ProtocolLeast => least;
    }
}
