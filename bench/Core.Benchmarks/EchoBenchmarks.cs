using System.Text;
using BenchmarkDotNet.Attributes;
using Switchboard.Core.Echo;

namespace Switchboard.Core.Benchmarks;

/// <summary>What <c>POST /echo</c> reads and writes, against plain interpolation of the same message.</summary>
[MemoryDiagnoser]
public class EchoBenchmarks
{
    private string _message = "";
    private byte[] _body = [];

    /// <summary>Which message.</summary>
    [Params("short", "ascii-4k", "japanese-4k", "escapes-4k")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _message = Message switch
        {
            "short" => "hello",
            "ascii-4k" => new string('x', 4_096),
            "japanese-4k" => new string('語', 4_096),
            _ => new string('\n', 4_096),
        };
        var json = _message.Replace("\n", "\\n", StringComparison.Ordinal);
        _body = Encoding.UTF8.GetBytes($$"""{"kind":"create","message":"{{json}}"}""");
    }

    [Benchmark(Baseline = true)]
    public string Interpolate() => $"\"{_message}\"";

    [Benchmark]
    public string Quote() => GoQuote.Quote(_message);

    [Benchmark]
    public EchoCommand? Parse() => EchoGrammar.TryParse(_body, out var command, out _) ? command : null;
}
