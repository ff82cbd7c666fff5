using Google.Protobuf;
using Switchboard.Api.Requests;
using Switchboard.Core.Admission;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Engine;

/// <summary>Measures the heap of this process, so nothing else may run beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HeapAlone
{
    public const string Name = "heap";
}

/// <summary>What the ledger says of messages that are held is what they cost: within half of the heap's own figure.</summary>
[Collection(HeapAlone.Name)]
public sealed class MessageCostTests
{
    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(3, 0, 0, false)]
    [InlineData(0, 1, 20, false)]
    [InlineData(0, 250, 4, false)]
    [InlineData(0, 250, 4, true)]
    [InlineData(0, 250, 100, false)]
    [InlineData(0, 250, 100, true)]
    [InlineData(100, 10, 20, true)]
    [InlineData(65_536, 0, 0, false)]
    public void Of_a_response(int body, int headers, int length, bool list)
    {
        var message = new AgentResponse { Status = 200, Body = ByteString.CopyFrom(new byte[body]) };
        foreach (var header in Headers(headers, length))
        {
            if (list)
                message.HeaderList.Add(header);
            else
                message.Headers.Add(header.Name, header.Value);
        }

        var wire = message.ToByteArray();
        IsNear(wire.Length, count =>
        {
            var exchange = new LiveExchange<object, AgentResponse>(new ExchangeTerms
            {
                Arrived = TimeSpan.Zero,
                Deadline = TimeSpan.FromSeconds(1),
                IdleTimeout = TimeSpan.FromSeconds(1),
                AnswerWindowBytes = long.MaxValue,
            });
            ExchangeEffects<AgentResponse> effects = default;
            var (session, call) = (new object(), new AnswerCall(1));
            Assert.True(exchange.Assign(session, default) && exchange.TrySend(session, default, default, ref effects));
            Assert.Equal(BeginAnswerOutcome.Granted, exchange.BeginAnswer(default, call, default, ref effects));
            for (var i = 0; i < count; i++)
            {
                var read = AgentResponse.Parser.ParseFrom(wire);
                Assert.Equal(PushOutcome.Room, exchange.Push(call, read, LiveRequest.CostOf(read, wire.Length), default, ref effects));
            }

            return (exchange, effects.Held);
        });
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(0, 250, 4)]
    [InlineData(0, 250, 100)]
    [InlineData(65_536, 0, 0)]
    public void Of_a_request(int body, int headers, int length)
    {
        var message = new AgentRequest { Id = "0123456789abcdef", AgentId = "agent-7", Method = "greet", Body = ByteString.CopyFrom(new byte[body]) };
        foreach (var header in Headers(headers, length))
            message.Headers.Add(header.Name, header.Value);
        var wire = message.ToByteArray();
        IsNear(wire.Length, count =>
        {
            var held = Enumerable.Range(0, count).Select(_ => AgentRequest.Parser.ParseFrom(wire)).ToList();
            return (held, held.Sum(read => LiveRequest.CostOf(read, wire.Length)));
        });
    }

    [Fact]
    public void What_is_kept_as_bytes_and_texts()
    {
        var text = new string('t', 40);
        IsNear(1000, count =>
        {
            var rows = Enumerable.Range(0, count).Select(i => (Bytes: new List<byte[]>(4) { new byte[1000 + (i % 100)] }, Text: text + (char)i)).ToList();
            return (rows, rows.Sum(r => MessageCost.OfBytes(r.Bytes[0].Length) + MessageCost.OfText(r.Text)));
        });
    }

    private static IEnumerable<Header> Headers(int count, int length) =>
        Enumerable.Range(0, count).Select(i => new Header { Name = $"{i:d4}{new string('n', length)}", Value = new string('v', length) });

    private static void IsNear(int bytes, Func<int, (object Kept, long Counted)> hold)
    {
        // What other tests left comes and goes, about 10 MB of it: beside that much it is little, and not in the middle of several.
        var count = 60_000_000 / (bytes + MessageCost.Message);
        var measured = Enumerable.Range(0, 3).Select(_ => Measure(count, hold)).ToList();
        var heap = measured.Select(m => m.Heap).Order().ElementAt(measured.Count / 2);
        Assert.InRange(measured[0].Counted, heap / 1.5, heap * 1.5);
    }

    private static (long Counted, double Heap) Measure(int count, Func<int, (object Kept, long Counted)> hold)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (kept, counted) = hold(count);
        var heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        return (counted, heap);
    }
}
