using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions.Tasks;
using Switchboard.Grains.Tasks;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests;

public sealed class GrainOptionsTests
{
    /// <summary>Every wrong value is named with its key, its value and its bounds, all at once.</summary>
    [Fact]
    public void All_wrong_values_are_named_at_once()
    {
        var options = new GrainOptions
        {
            QueueCapacity = 0,
            ActivationInquiry = TimeSpan.FromSeconds(2),
            IndexCapacity = -1,
            DisplacementInterval = TimeSpan.FromSeconds(12),
        };
        var result = new GrainOptionsValidator([]).Validate(null, options);
        Assert.Equal(
            [
                "Switchboard:Grains:QueueCapacity is 0; it must be from 1 to 1000000.",
                "Switchboard:Grains:IndexCapacity is -1; it must be from 1 to 10000000.",
                "Switchboard:Grains:DisplacementInterval is 00:00:12; it must be from 00:00:00.0010000 to 00:00:10.",
                "Switchboard:Grains:ActivationInquiry is 00:00:02; it must be from 00:00:00.0010000 to 00:00:01.",
            ],
            result.Failures);
        Assert.True(new GrainOptionsValidator([new EchoApplier()]).Validate(null, new GrainOptions()).Succeeded);
    }

    /// <summary>Two appliers of one queue stop the start.</summary>
    [Fact]
    public async Task Two_appliers_of_one_queue_are_refused()
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(
            () => GrainCluster.StartAsync(configure: silo => silo.Services.AddSingleton<ITaskApplier>(new SecondEcho())));
        Assert.Contains("Queue 'echo' has 2 appliers", Unwrap(problem).Message, StringComparison.Ordinal);
    }

    /// <summary>A wrong value stops the start.</summary>
    [Fact]
    public async Task A_wrong_setting_stops_the_start()
    {
        var settings = new Dictionary<string, string?> { [$"{GrainOptions.SectionName}:QueueCapacity"] = "0" };
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => GrainCluster.StartAsync(settings: settings));
        Assert.Contains("QueueCapacity is 0", problem.ToString(), StringComparison.Ordinal);
    }

    private static Exception Unwrap(Exception e) => e is AggregateException { InnerException: { } inner } ? Unwrap(inner) : e;

    private sealed class SecondEcho : ITaskApplier
    {
        public string Queue => "echo";

        public ValueTask<ReadOnlyMemory<byte>> ApplyAsync(string kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
            ValueTask.FromResult(payload);
    }
}
