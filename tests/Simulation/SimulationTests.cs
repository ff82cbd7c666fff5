using System.Diagnostics;
using System.Globalization;

namespace Switchboard.Simulation;

/// <summary>R1, R2, S1, S2 and T1 to T4 under seeds; and that a seed means the same in every run and every process.</summary>
public sealed class SimulationTests
{
    private const ulong DefaultSeeds = 2000;

    private static readonly TimeSpan _childLimit = TimeSpan.FromMinutes(2);

    [Fact]
    public void Everything_holds_under_every_seed()
    {
        var said = Environment.GetEnvironmentVariable("SIM_SEEDS");
        var seeds = said is null ? DefaultSeeds : ulong.Parse(said, CultureInfo.InvariantCulture);
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            var result = Run.Play(seed, traced: false);
            Assert.True(result.Broken is null, result.Broken is null ? "" : Run.Explain(result));
        }
    }

    [Fact]
    public void The_same_seed_is_the_same_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            RunResult first = Run.Play(seed, traced: true), again = Run.Play(seed, traced: true);
            Assert.Equal(first.Trace, again.Trace);
            Assert.Equal((first.Fingerprint, first.Events), (again.Fingerprint, again.Events));
            Assert.Equal(first.Fingerprint, Run.Play(seed, traced: false).Fingerprint);
        }
    }

    /// <summary>Hashes of strings differ from process to process: nothing may go by them.</summary>
    [Fact]
    public async Task The_same_seeds_are_the_same_runs_in_other_processes()
    {
        var printed = await Task.WhenAll(FingerprintAsync(), FingerprintAsync());
        Assert.Equal(printed[0], printed[1]);
        Assert.NotEqual("", printed[0]);
    }

    /// <summary>Were runs alike, many seeds would prove no more than one.</summary>
    [Fact]
    public void Other_seeds_are_other_runs() =>
        Assert.Equal(100, Enumerable.Range(1, 100).Select(seed => Run.Play((ulong)seed, traced: false).Fingerprint).Distinct().Count());

    private static async Task<string> FingerprintAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { typeof(Program).Assembly.Location, "--seeds", "40", "--fingerprint" },
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync().WaitAsync(_childLimit);
        await child.WaitForExitAsync().WaitAsync(_childLimit);
        Assert.True(child.ExitCode == 0, output);
        return output;
    }
}
