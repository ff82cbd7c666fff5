using System.ComponentModel.DataAnnotations;

namespace Switchboard.Api.Startup;

/// <summary>Names where grains keep what must survive them.</summary>
public enum StorageProvider
{
    /// <summary>The process's memory: everything is lost with the process.</summary>
    Memory,

    /// <summary>A PostgreSQL database; its schema is made by <c>--migrate</c>.</summary>
    PostgreSql,
}

/// <summary>Where the state of grains and their reminders are kept.</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Switchboard:Storage";

    /// <summary>The storage. The default is <see cref="StorageProvider.Memory"/>.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>The connection string, in Npgsql's form. Not used with <see cref="StorageProvider.Memory"/>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider == StorageProvider.PostgreSql && ConnectionStrings.PostgreSqlProblem(ConnectionString) is { } problem)
        {
            yield return new ValidationResult($"{nameof(ConnectionString)} {problem}");
        }
    }
}
