using System.Globalization;

namespace Switchboard.Simulation;

/// <summary>Runs seeds from the command line.</summary>
public static class Program
{
    private const string Help = """
        Runs the pure cores of src/Core in a model of a cluster, with faults, under seeds.

          --seeds N      run the seeds from 1 (or from --from) on, N of them; 2000 where nothing is said
          --from S       the first of them
          --seed S       run one seed and print its trace
          --keep-going   run all of them, and print a line for each that fails
          --fingerprint  print a number for all that happened; the same seeds give the same one in every process
          --help         this

        Exit code: 0 everything held, 1 something did not, 2 the command line is wrong.
        """;

    /// <summary>Runs what the arguments say.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        ulong seeds = 2000, from = 1;
        ulong? one = null;
        bool fingerprint = false, keepGoing = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help":
                    Console.WriteLine(Help);
                    return 0;
                case "--keep-going":
                    keepGoing = true;
                    break;
                case "--fingerprint":
                    fingerprint = true;
                    break;
                case "--seeds" or "--from" or "--seed" when i + 1 < args.Length
                    && ulong.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value):
                    if (args[i] == "--seeds")
                    {
                        seeds = value;
                    }
                    else if (args[i] == "--from")
                    {
                        from = value;
                    }
                    else
                    {
                        one = value;
                    }

                    i++;
                    break;
                default:
                    Console.Error.WriteLine($"What is '{args[i]}'?\n\n{Help}");
                    return 2;
            }
        }
        return one is { } seed ? RunOne(seed) : RunMany(from, seeds, fingerprint, keepGoing);
    }

    private static int RunOne(ulong seed)
    {
        var result = Run.Play(seed, traced: true);
        foreach (var line in result.Trace)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"seed {seed}, commit {Run.Commit}, {result.Events} events: {result.Broken ?? "everything held"}");
        return result.Broken is null ? 0 : 1;
    }

    private static int RunMany(ulong from, ulong seeds, bool fingerprint, bool keepGoing)
    {
        ulong all = 0;
        long events = 0;
        ulong failed = 0;
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = from; seed < from + seeds; seed++)
        {
            var result = Run.Play(seed, traced: false);
            if (result.Broken is not null && keepGoing)
            {
                Console.WriteLine($"seed {seed}: {result.Broken.Split('\n')[0]}");
                failed++;
            }
            else if (result.Broken is not null)
            {
                Console.WriteLine(Run.Explain(result));
                Console.WriteLine($"broken: {result.Invariant} at seed {seed}");
                return 1;
            }
            all = (all ^ result.Fingerprint) * 0x100000001b3;
            events += result.Events;
            foreach ((var end, var count) in result.Ends)
            {
                ends[end] = ends.GetValueOrDefault(end) + count;
            }
        }
        foreach ((var end, var count) in ends)
        {
            Console.WriteLine($"{count,10} {end}");
        }

        Console.WriteLine(
            $"{seeds} seeds from {from}, commit {Run.Commit}, {events} events: {(failed == 0 ? "everything held" : $"{failed} failed")}");
        if (fingerprint)
        {
            Console.WriteLine(all.ToString("x16", CultureInfo.InvariantCulture));
        }

        return failed == 0 ? 0 : 1;
    }
}
