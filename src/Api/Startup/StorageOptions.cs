using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Startup;

/// <summary>Names where grains keep what must survive them.</summary>
public enum StorageProvider
{
    /// <summary>The process's memory: everything is lost with the process.</summary>
    Memory,

    /// <summary>A PostgreSQL database; its schema is made by <c>--migrate</c>.</summary>
    PostgreSql,

    /// <summary>One file of SQLite, which is this process's alone; its schema is made and upgraded at the start.</summary>
    Sqlite,
}

/// <summary>Where the state of grains and their reminders are kept.</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Storage";

    /// <summary>The storage. The default is <see cref="StorageProvider.Sqlite"/>, for a process without a cluster.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>
    /// The file of <see cref="StorageProvider.Sqlite"/>, in a folder that is made where it is not there. The default is
    /// <c>data/switchboard.db</c>, below the content root.
    /// </summary>
    public string Path { get; set; } = "data/switchboard.db";

    /// <summary>The connection string of <see cref="StorageProvider.PostgreSql"/>, in Npgsql's form.</summary>
    public string ConnectionString { get; set; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider == StorageProvider.PostgreSql && ConnectionStrings.PostgreSqlProblem(ConnectionString) is { } problem)
        {
            yield return new ValidationResult($"{nameof(ConnectionString)} {problem}");
        }

        if (Provider == StorageProvider.Sqlite && (string.IsNullOrWhiteSpace(Path) || Path.Contains('\0', StringComparison.Ordinal) || Path.EndsWith('/')))
        {
            yield return new ValidationResult($"{nameof(Path)} is '{Path}'; it must be the path of a file.");
        }
    }
}
