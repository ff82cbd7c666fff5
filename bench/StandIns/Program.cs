using Switchboard.Bench.StandIns;

switch (args)
{
    case ["worker"]:
        await Worker.RunAsync(Console.In, Console.Out);
        return 0;
    case ["compare", var pairs, .. { Length: 1 or 2 } programs]:
        await Comparison.RunAsync(int.Parse(pairs, System.Globalization.CultureInfo.InvariantCulture), programs);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: compare PAIRS PROGRAM [OTHER] | worker    (the script `run` builds the programs)");
        return 2;
}
