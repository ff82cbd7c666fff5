namespace Switchboard.Silo.Storage;

/// <summary>One version of a schema, with its script <c>V{Version}.sql</c> beside the class that lists it.</summary>
/// <param name="Version">Its number.</param>
/// <param name="OldestProgram">The oldest program that may run on it, by the version that it was made for.</param>
internal sealed record SchemaStep(int Version, int OldestProgram)
{
    /// <summary>Reads the script.</summary>
    /// <param name="schema">The class that lists the versions.</param>
    public string Script(Type schema)
    {
        using var script = schema.Assembly.GetManifestResourceStream(schema, $"V{Version}.sql")
            ?? throw new InvalidOperationException($"The program lacks its script for version {Version} of the schema.");
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }

    /// <summary>Says why a program cannot run on a newer schema.</summary>
    /// <param name="which">Which schema, and its version: the beginning of the sentence.</param>
    /// <param name="current">The version that the program is made for.</param>
    public string TooNew(string which, int current) =>
        $"{which}, on which no program for a schema older than {OldestProgram} may run; this one is for {current}. Run a newer program.";
}
