using Orleans.TestingHost;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>What the real packages refuse when it is done, with which exception, and that it says what to do.</summary>
public sealed class RefusalTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly string _key = Diary.NewKey();

    private IOffender Offender => cluster.Grains.GetGrain<IOffender>(_key);

    [Fact]
    public async Task An_observer_itself_is_no_argument()
    {
        var speaker = cluster.Grains.GetGrain<ISpeaker>(_key);
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => speaker.Say(new Deaf(), "x").DefaultTimeout());
        Assert.Contains("Did you forget to CreateObjectReference?", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timers_reminders_and_states_are_for_turns()
    {
        var timer = await Assert.ThrowsAsync<InvalidOperationException>(() => Offender.TimerOutside().DefaultTimeout());
        Assert.Contains("non-activation thread", timer.Message, StringComparison.Ordinal);
        var reminder = await Assert.ThrowsAsync<InvalidOperationException>(() => Offender.ReminderOutside().DefaultTimeout());
        Assert.Contains("non-grain context", reminder.Message, StringComparison.Ordinal);
        var state = await Assert.ThrowsAsync<InvalidOperationException>(() => Offender.StateOutside().DefaultTimeout());
        Assert.Contains("non-activation thread", state.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminders_are_for_remindable_grains()
    {
        var unremindable = cluster.Grains.GetGrain<IUnremindable>(_key);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => unremindable.Remind().DefaultTimeout());
        Assert.Contains("IRemindable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminders_are_refused_where_nobody_keeps_them()
    {
        var (builder, hour) = (new InProcessTestClusterBuilder(1), TimeSpan.FromHours(1));
        await using var bare = builder.ConfigureSilo((_, silo) => silo.AddMemoryGrainStorageAsDefault()).Build();
        await bare.DeployAsync().DefaultTimeout();
        await Assert.ThrowsAsync<InvalidOperationException>(() => bare.Client.GetGrain<IOffender>(_key).Remind(hour, hour).DefaultTimeout());
    }

    [Fact]
    public async Task A_silo_with_reminders_and_no_table_does_not_start()
    {
        await using var bare = new InProcessTestClusterBuilder(1).ConfigureSilo((_, silo) => silo.AddReminders()).Build();
        var refused = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => bare.DeployAsync().DefaultTimeout());
        Assert.Contains(nameof(IReminderTable), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reminder_that_somebody_has_changed_is_not_removed()
    {
        var refused = await Assert.ThrowsAsync<ReminderException>(() => Offender.ForgetAfterAnUpdate().DefaultTimeout());
        Assert.Contains("tag mismatch", refused.Message, StringComparison.Ordinal);
        // One that is gone already is another matter.
        await Offender.ForgetTwice().DefaultTimeout();
    }

    [Fact]
    public async Task An_interface_of_two_classes_needs_a_prefix()
    {
        var refused = Assert.Throws<ArgumentException>(() => cluster.Grains.GetGrain<ITwin>(_key));
        Assert.Contains("compat-elder-twin", refused.Message, StringComparison.Ordinal);
        Assert.Contains("compat-younger-twin", refused.Message, StringComparison.Ordinal);
        var prefix = typeof(YoungerTwinGrain).FullName!;
        Assert.Equal("younger", await cluster.Grains.GetGrain<ITwin>(_key, prefix).Which().DefaultTimeout());
        Assert.Throws<ArgumentException>(() => cluster.Grains.GetGrain<ITwin>(_key, "No.Such.Class"));
    }

    [Fact]
    public async Task What_is_no_id_is_not_taken_for_one()
    {
        Assert.Throws<ArgumentException>(() => GrainId.Parse("nonsense"));
        Assert.ThrowsAny<ArgumentException>(() => GrainId.Create("type", ""));
        Assert.ThrowsAny<ArgumentException>(() => GrainId.Create(GrainType.Create("type"), " "));
        Assert.Throws<ArgumentException>(() => new Deaf().GetGrainId());
        var worker = cluster.Grains.GetGrain<IOffender>("not a number");
        await Assert.ThrowsAsync<InvalidOperationException>(() => worker.NumberOfItsKey().DefaultTimeout());
    }

    /// <summary>A test of the grain's own may make one; it has no runtime, and says so.</summary>
    [Fact]
    public void A_grain_that_the_runtime_did_not_make_has_none()
    {
        var grain = new WorkerGrain();
        Assert.Null(grain.GrainContext);
        Assert.Throws<InvalidOperationException>(() => { _ = grain.GoAway(); });
    }

    private sealed class Deaf : IListener
    {
        public Task<int> Hear(string word) => Task.FromResult(0);

        public Task Hold(string gate) => Task.CompletedTask;
    }
}
