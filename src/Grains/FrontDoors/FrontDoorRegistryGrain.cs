using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions;
using Switchboard.Abstractions.FrontDoors;

namespace Switchboard.Grains.FrontDoors;

/// <summary>The registry: a shell around <see cref="LeaseBook"/> that writes a change down before it tells of it.</summary>
[GrainType(Names.GrainTypes.FrontDoorRegistry)]
internal sealed partial class FrontDoorRegistryGrain(
    [PersistentState(Names.Storage.FrontDoors, Names.Storage.Provider)] IPersistentState<FrontDoorRegistryState> state,
    IOptions<GrainOptions> options,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider time,
    ILogger<FrontDoorRegistryGrain> logger) : Grain, IFrontDoorRegistryGrain
{
    private readonly GrainClock _clock = new(time);
    private readonly ILogger<FrontDoorRegistryGrain> _logger = logger;
    private LeaseBook _book = new(new FrontDoorRegistryState(), options.Value.RegistryLease, TimeSpan.Zero);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _book = new LeaseBook(state.State, options.Value.RegistryLease, _clock.Now);
        return Task.CompletedTask;
    }

    public async Task<FrontDoorLeased> Lease(FrontDoorLease lease)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lease.Lanes.Count, "lease.Lanes");
        Lapse();
        var number = _book.Lease(lease, _clock.Now, out var changed);
        if (number == 0)
            LogRefused(lease.Number, lease.Name);
        if (changed)
        {
            await WriteAsync();
            LogLeased(number, lease.Name);
        }

        return new FrontDoorLeased
        {
            Number = number,
            Duration = options.Value.RegistryLease,
            FrontDoors = state.State.Leases.Count,
        };
    }

    public async Task Release(ushort number, Guid holder)
    {
        Lapse();
        if (!_book.Release(number, holder))
            return;
        await WriteAsync();
        LogReleased(number);
    }

    public Task<IReadOnlyList<FrontDoorLease>> List()
    {
        Lapse();
        return Task.FromResult<IReadOnlyList<FrontDoorLease>>(state.State.Leases.Values.ToArray());
    }

    public Task<FrontDoorLease?> Find(ushort number)
    {
        Lapse();
        return Task.FromResult(state.State.Leases.GetValueOrDefault(number));
    }

    private void Lapse()
    {
        foreach (var lease in _book.Lapse(_clock.Now))
            LogLapsed(lease.Number, lease.Name);
    }

    // What could not be written must not be told, nor kept in memory: the next activation reads what holds.
    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}
