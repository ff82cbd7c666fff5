namespace Switchboard.Bench.Measure;

/// <summary>
/// Rounds against two servers, one after the other, first A B, then B A, and so on: what drifts on the machine (its clock rate,
/// its other users) is then in both halves of a pair, and the ratio within a pair holds where absolute figures do not.
/// </summary>
internal static class Pairs
{
    public static async Task<(List<Round> Subject, List<Round> Base)> MeasureAsync(
        Side? subject, Side? ceiling, BenchOptions options, CancellationToken token)
    {
        List<Round> ofSubject = [], ofBase = [];
        await WarmUpAsync(subject, options, token);
        await WarmUpAsync(ceiling, options, token);
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            if (pair % 2 == 0)
            {
                await AddAsync(subject, ofSubject, options, token);
            }

            await AddAsync(ceiling, ofBase, options, token);
            if (pair % 2 == 1)
            {
                await AddAsync(subject, ofSubject, options, token);
            }

            await Console.Error.WriteAsync($"\rpair {pair + 1} of {options.Pairs} ");
        }

        await Console.Error.WriteLineAsync();
        return (ofSubject, ofBase);
    }

    private static async Task WarmUpAsync(Side? side, BenchOptions options, CancellationToken token)
    {
        if (side is not null && options.WarmUp > TimeSpan.Zero)
        {
            await side.Load.RunAsync(options.WarmUp, token);
        }
    }

    private static async Task AddAsync(Side? side, List<Round> rounds, BenchOptions options, CancellationToken token)
    {
        if (side is not null)
        {
            rounds.Add(await Round.MeasureAsync(side, options.Round, token));
        }
    }
}
