using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.Hosting;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Listening;
using Switchboard.TestSupport;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Switchboard.Api.Tests.Grpc;

/// <summary>gRPC's health and reflection, with the clients that come with them.</summary>
public sealed class SideServiceTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Ours = "switchboard.v1.AgentGateway";

    private GatewayHost Host => fixture.Host;

    [Theory]
    [InlineData("")]
    [InlineData(Ours)]
    public async Task Health_says_serving(string service)
    {
        var response = await new Health.HealthClient(Host.NewChannel()).CheckAsync(new HealthCheckRequest { Service = service }).ResponseAsync.DefaultTimeout();
        Assert.Equal(Status.Serving, response.Status);
    }

    [Fact]
    public async Task Health_knows_no_other_service()
    {
        var asking = new Health.HealthClient(Host.NewChannel()).CheckAsync(new HealthCheckRequest { Service = "other" }).ResponseAsync;
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => asking.DefaultTimeout())).StatusCode);
        await Host.AssertQuietAsync();
    }

    /// <summary>A Watch keeps the name that it was asked with, so that must be a short one.</summary>
    [Theory]
    [InlineData("Check")]
    [InlineData("Watch")]
    public async Task Health_takes_no_long_name(string method)
    {
        using var client = new HttpClient { BaseAddress = Host.Service<ListenAddresses>().Grpc };
        var name = new HealthCheckRequest { Service = new string('x', 2000) };
        var end = await RawRpc.CallAsync(client, $"/grpc.health.v1.Health/{method}", RawRpc.Frame(name.ToByteArray()));
        Assert.NotEqual(StatusCode.OK, end.Status ?? StatusCode.Unknown);
        Assert.NotEqual(StatusCode.NotFound, end.Status);
    }

    [Fact]
    public async Task A_watch_follows_readiness()
    {
        // On a clock that stands still no lease is renewed.
        await using var host = await GatewayHost.StartAsync(new ManualTimeProvider());
        using var watch = new Health.HealthClient(host.NewChannel()).Watch(new HealthCheckRequest { Service = Ours });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(Status.Serving, watch.ResponseStream.Current.Status);

        // A Watch begins with what is true, and then tells what changes from one look to the next: so one must have seen it serve.
        await Eventually.IsThereAsync(() => LookedAsync(host.Service<HealthServiceImpl>()), "a look that saw it serve");
        host.Service<FrontDoor>().Lapse();

        // Told twice where the first look came after the beginning.
        do
        {
            Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        }
        while (watch.ResponseStream.Current.Status == Status.Serving);

        Assert.Equal(Status.NotServing, watch.ResponseStream.Current.Status);
        await host.AssertQuietAsync();
    }

    // What the last look saw; nothing was looked at yet: NOT_FOUND.
    private static async Task<HealthCheckResponse?> LookedAsync(HealthServiceImpl looked)
    {
        try
        {
            var seen = await looked.Check(new HealthCheckRequest { Service = Ours }, null!);
            return seen.Status == Status.Serving ? seen : null;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    /// <summary>T5: while the stop lasts nobody is told that this front door serves; and who watches does not hold it up.</summary>
    [Fact]
    public async Task A_stop_is_told_and_ends_what_is_open()
    {
        await using var host = await GatewayHost.StartAsync(null, null, ("Switchboard:Shutdown:DrainTime", "1h"));
        await using var agent = await TestAgent.ConnectAsync(host, "held");
        using var call = TestCall.Start(host, "held");
        var request = await agent.NextRequestAsync();
        var health = new Health.HealthClient(host.NewChannel());
        using var watch = health.Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        using var reflection = new ServerReflection.ServerReflectionClient(host.NewChannel()).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await reflection.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());

        // As SIGTERM does.
        host.Service<IHostApplicationLifetime>().StopApplication();
        var stopped = host.StopAsync();

        // The request that runs keeps the stop waiting.
        var last = Status.Unknown;
        while (await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
        {
            last = watch.ResponseStream.Current.Status;
        }

        Assert.Equal(Status.NotServing, last);
        Assert.Equal(Status.NotServing, (await health.CheckAsync(new HealthCheckRequest { Service = Ours }).ResponseAsync.DefaultTimeout()).Status);
        Assert.False(stopped.IsCompleted);

        // Nothing runs any more, and reflection, which nobody has closed, does not keep it.
        await agent.RespondAsync(request.Id);
        await call.EndAsync();
        await stopped.DefaultTimeout();
        await host.AssertQuietAsync();
    }

    [Fact]
    public async Task Reflection_lists_every_service()
    {
        using var call = new ServerReflection.ServerReflectionClient(Host.NewChannel()).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name).ToList();
        Assert.Contains(Ours, names);
        Assert.Contains("grpc.health.v1.Health", names);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = Ours });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
    }
}
