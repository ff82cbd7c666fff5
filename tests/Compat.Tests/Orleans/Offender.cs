namespace Switchboard.Compat.Tests.Orleans;

/// <summary>A grain that does what is refused.</summary>
[Alias("compat.offender")]
public interface IOffender : IRemindable, IGrainWithStringKey
{
    [Alias("TimerOutside")]
    Task TimerOutside();

    [Alias("ReminderOutside")]
    Task ReminderOutside();

    [Alias("StateOutside")]
    Task StateOutside();

    [Alias("ForgetTwice")]
    Task ForgetTwice();

    [Alias("ForgetAfterAnUpdate")]
    Task ForgetAfterAnUpdate();

    [Alias("Remind")]
    Task Remind(TimeSpan due, TimeSpan period);

    [Alias("NumberOfItsKey")]
    Task<long> NumberOfItsKey();
}

[GrainType("compat-offender")]
public sealed class OffenderGrain([PersistentState("s")] IPersistentState<NotebookState> state) : Grain, IOffender
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public Task TimerOutside() => Task.Run(() => this.RegisterGrainTimer(() => Task.CompletedTask, s_hour, s_hour));

    public Task ReminderOutside() => Task.Run(() => this.RegisterOrUpdateReminder("r", s_hour, s_hour));

    public Task StateOutside() => Task.Run(state.WriteStateAsync);

    public async Task ForgetTwice()
    {
        var reminder = await this.RegisterOrUpdateReminder("twice", s_hour, s_hour);
        await this.UnregisterReminder(reminder);
        await this.UnregisterReminder(reminder);
    }

    public async Task ForgetAfterAnUpdate()
    {
        var stale = await this.RegisterOrUpdateReminder("updated", s_hour, s_hour);
        await this.RegisterOrUpdateReminder("updated", s_hour, 2 * s_hour);
        await this.UnregisterReminder(stale);
    }

    public Task Remind(TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder("r", due, period);

    public Task<long> NumberOfItsKey() => Task.FromResult(this.GetPrimaryKeyLong());

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}

/// <summary>A grain that wants reminders and cannot get them.</summary>
[Alias("compat.unremindable")]
public interface IUnremindable : IGrainWithStringKey
{
    [Alias("Remind")]
    Task Remind();
}

[GrainType("compat-unremindable")]
public sealed class UnremindableGrain : Grain, IUnremindable
{
    public Task Remind() => this.RegisterOrUpdateReminder("r", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
}

/// <summary>An interface of two grain classes.</summary>
[Alias("compat.twin")]
public interface ITwin : IGrainWithStringKey
{
    [Alias("Which")]
    Task<string> Which();
}

[GrainType("compat-elder-twin")]
public sealed class ElderTwinGrain : Grain, ITwin
{
    public Task<string> Which() => Task.FromResult("elder");
}

[GrainType("compat-younger-twin")]
public sealed class YoungerTwinGrain : Grain, ITwin
{
    public Task<string> Which() => Task.FromResult("younger");
}
