using Switchboard.TestSupport.Simulation;

namespace Switchboard.Compat.Tests.Orleans.Simulation;

/// <summary>Hears of what villagers earn.</summary>
[Alias("compat.village.crier")]
public interface ICrier : IGrainObserver
{
    [Alias("Earned")]
    Task Earned(string who, int coins);
}

/// <summary>A grain that does a little of everything that grains do.</summary>
[Alias("compat.village.villager")]
public interface IVillager : IRemindable, IGrainWithStringKey
{
    [Alias("Visit")]
    Task<int> Visit(string other);

    [Alias("Greet")]
    Task<int> Greet(string from);

    [Alias("Earn")]
    Task<int> Earn(ICrier? crier);

    [Alias("Sleep")]
    [ResponseTimeout("00:00:05")]
    Task Sleep(TimeSpan length);

    [Alias("WindUp")]
    Task WindUp();
}

[GenerateSerializer]
[Alias("compat.village.purse")]
public sealed class Purse
{
    [Id(0)]
    public int Coins { get; set; }
}

[GrainType("compat-villager")]
public sealed class VillagerGrain(
    [PersistentState("purse")] IPersistentState<Purse> purse, IServiceProvider services, TimeProvider time) : Grain, IVillager
{
    private readonly GrainSimulation _run = (GrainSimulation)services.GetService(typeof(GrainSimulation))!;
    private int _inside;
    private int _ticks;

    private string Me => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Note("is up");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Note($"is gone: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> Visit(string other) => AloneAsync("visits " + other, async () =>
    {
        await Task.Yield();
        return await GrainFactory.GetGrain<IVillager>(other).Greet(Me);
    });

    public Task<int> Greet(string from) => AloneAsync("greets " + from, async () =>
    {
        await Task.Yield();
        return purse.State.Coins;
    });

    public Task<int> Earn(ICrier? crier) => AloneAsync("earns", async () =>
    {
        var coins = ++purse.State.Coins;
        await purse.WriteStateAsync();
        if (crier is not null) await crier.Earned(Me, coins);
        return coins;
    });

    public Task Sleep(TimeSpan length) => AloneAsync("sleeps", async () =>
    {
        await Task.Delay(length, time);
        return 0;
    });

    public async Task WindUp()
    {
        this.RegisterGrainTimer(
            token => AloneAsync($"ticks {++_ticks}", async () =>
            {
                await Task.Yield();
                return 0;
            }),
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(4));
        await this.RegisterOrUpdateReminder("chime", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => AloneAsync($"chimes {status.CurrentTickTime:HH:mm:ss}", async () =>
    {
        if (status.CurrentTickTime > time.GetUtcNow().UtcDateTime) _run.Violations.Add($"{Me}: a stamp of another clock");
        await Task.Yield();
        if (status.CurrentTickTime < status.FirstTickTime + 2 * status.Period) return 0;
        await this.UnregisterReminder((await this.GetReminder(reminderName))!);
        return 1;
    });

    /// <summary>Notes its beginning and its end, and that nothing else runs in between.</summary>
    private async Task<int> AloneAsync(string what, Func<Task<int>> turn)
    {
        if (++_inside > 1) _run.Violations.Add($"{Me}: two turns at once");
        Note(what);
        try
        {
            var answer = await turn();
            Note($"{what}: {answer}");
            return answer;
        }
        finally
        {
            _inside--;
        }
    }

    private void Note(string what) => _run.Note($"{Me} {what}");
}
