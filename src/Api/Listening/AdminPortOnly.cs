namespace Switchboard.Api.Listening;

/// <summary>Marks an end point that only the admin port serves (<see cref="ListeningOptions.AdminPort"/>).</summary>
internal sealed class AdminPortOnly;
