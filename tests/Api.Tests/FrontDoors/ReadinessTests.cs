using System.Net;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.FrontDoors;

/// <summary>Ready means that a grain can be asked.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task Not_ready_while_no_grain_can_be_asked_and_asked_no_oftener_than_it_says()
    {
        var time = new ManualTimeProvider();
        var filter = new Refusing();
        await using var host = await GatewayHost.StartAsync(time, services => services.AddSingleton<IIncomingGrainCallFilter>(filter));
        using var client = new HttpClient { BaseAddress = host.Rest };
        var ready = new Uri("/health/ready", UriKind.Relative);
        time.Advance(TimeSpan.FromSeconds(6));
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync(ready).DefaultTimeout();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // What was found stands for 5 s, and what was wrong for one.
        var asked = filter.Asked;
        filter.Refuses = true;
        time.Advance(TimeSpan.FromSeconds(6));
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync(ready).DefaultTimeout();
            var problem = await response.ProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
            Assert.Contains("The cluster cannot be asked", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(asked + 1, filter.Asked);
        var health = new Health.HealthClient(host.NewChannel());
        await Eventually.IsTrueAsync(
            async () => (await health.CheckAsync(new HealthCheckRequest())).Status == HealthCheckResponse.Types.ServingStatus.NotServing,
            () => "gRPC health says that it serves");

        filter.Refuses = false;
        time.Advance(TimeSpan.FromSeconds(2));
        using var again = await client.GetAsync(ready).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private sealed class Refusing : IIncomingGrainCallFilter
    {
        private int _asked;

        public bool Refuses { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod?.DeclaringType != typeof(IRequestGrain))
            {
                return context.Invoke();
            }

            Interlocked.Increment(ref _asked);
            return Refuses ? throw new InvalidOperationException("No grain can be asked.") : context.Invoke();
        }
    }
}
