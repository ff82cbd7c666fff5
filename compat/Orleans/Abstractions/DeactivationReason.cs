namespace Orleans;

/// <summary>Why an activation goes.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    /// <summary>Without an exception.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    /// <summary>For people.</summary>
    public string Description { get; } = text;

    /// <summary>What failed, if something did.</summary>
    public Exception? Exception { get; } = exception;

    /// <summary>For programs.</summary>
    public DeactivationReasonCode ReasonCode { get; } = code;

    public override string ToString()
        => $"{ReasonCode}: {Description}." + (Exception is null ? "" : $" Exception: {Exception}");
}

/// <summary>Why an activation goes.</summary>
public enum DeactivationReasonCode : byte
{
    None = 0,
    ShuttingDown = 1,
    ActivationFailed = 2,
    ActivationIdle = 4,
    ApplicationError = 8,
    ApplicationRequested = 9,
}
