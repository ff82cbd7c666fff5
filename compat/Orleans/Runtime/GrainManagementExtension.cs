using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>The extension that every grain has.</summary>
internal sealed class GrainManagementExtension(Activation activation) : IGrainManagementExtension
{
    public ValueTask DeactivateOnIdle()
    {
        activation.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "IGrainManagementExtension.DeactivateOnIdle was called."));
        return ValueTask.CompletedTask;
    }
}
