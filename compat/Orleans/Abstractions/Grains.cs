using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What can be called through a reference.</summary>
    public interface IAddressable;

    /// <summary>An interface that the runtime adds to every grain.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    /// <summary>A grain's interface.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain known by a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain known by a whole number.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>An object outside of the grains that grains can call: <see cref="IGrainFactory.CreateObjectReference{T}"/>.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What every grain class implements, mostly through <see cref="Grain"/>.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation that this instance belongs to.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first call; a throw fails the calls that wait, and the next one tries again.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs after the last call; best effort.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }
}

namespace Orleans.Core.Internal
{
    /// <summary>Lets somebody outside end an activation: <c>grain.AsReference&lt;IGrainManagementExtension&gt;()</c>.</summary>
    public interface IGrainManagementExtension : IGrainExtension
    {
        /// <summary>Deactivates as soon as the calls that run have ended.</summary>
        ValueTask DeactivateOnIdle();
    }
}
