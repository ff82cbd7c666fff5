namespace Switchboard.Abstractions;

/// <summary>Names the former key of a setting: a start with that key is refused, and the error names the new one.</summary>
/// <param name="name">The former key, without its section.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormerNameAttribute(string name) : Attribute
{
    /// <summary>Gets the former key.</summary>
    public string Name { get; } = name;
}
