namespace Switchboard.Api.Hosting;

/// <summary>Marks an end point that only the admin port serves (<see cref="ListenSettings.AdminPort"/>).</summary>
public sealed class AdminPortOnly;
