using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>Looks at the silo from outside, with key 0.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>Deactivates grains without a call for so long, and waits until they are gone.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);

    /// <summary>How many activations there are of one grain.</summary>
    Task<int> GetGrainActivationCount(GrainReference grainReference);

    /// <summary>Which grains of a type are active.</summary>
    ValueTask<List<GrainId>> GetActiveGrains(GrainType type);
}

/// <summary>Answers for this process' only silo.</summary>
internal sealed class ManagementGrain : Grain, IManagementGrain
{
    private GrainRuntime Silo => ServiceProvider.GetRequiredService<GrainRuntime>();

    public Task ForceActivationCollection(TimeSpan ageLimit) => Silo.CollectAsync(ageLimit);

    public Task<int> GetGrainActivationCount(GrainReference grainReference)
        => Task.FromResult(Silo.Activations.Count(activation => activation.GrainId == grainReference.GrainId));

    public ValueTask<List<GrainId>> GetActiveGrains(GrainType type)
        => ValueTask.FromResult(Silo.Activations.Select(activation => activation.GrainId).Where(id => id.Type == type).ToList());
}
