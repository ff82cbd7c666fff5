using Google.Protobuf;
using Switchboard.Api.Requests;
using Switchboard.Core.Admission;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios;

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
            {
                message.HeaderList.Add(header);
            }
            else
            {
                message.Headers.Add(header.Name, header.Value);
            }
        }

        var wire = message.ToByteArray();
        IsNear(wire.Length, count =>
        {
            var exchange = new LiveExchange<object, AgentResponse>(new ExchangeTerms
            {
                Arrived = TimeSpan.Zero,
                Deadline = TimeSpan.FromSeconds(1),
                IdleTimeout = TimeSpan.FromSeconds(1),
                ResponseWindowBytes = long.MaxValue,
            });
            ExchangeEffects<AgentResponse> effects = default;
            var (session, call) = (new object(), new ResponseCall(1));
            Assert.True(exchange.Assign(session, default) && exchange.TrySend(session, default, default, ref effects));
            Assert.Equal(BeginResponseOutcome.Granted, exchange.BeginResponse(default, call, default, ref effects));
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
        {
            message.Headers.Add(header.Name, header.Value);
        }

        var wire = message.ToByteArray();
        IsNear(wire.Length, count =>
        {
            var held = Enumerable.Range(0, count).Select(_ => AgentRequest.Parser.ParseFrom(wire)).ToList();
            return (held, held.Sum(read => LiveRequest.CostOf(read, wire.Length)));
        });
    }

    private static IEnumerable<Header> Headers(int count, int length) =>
        Enumerable.Range(0, count).Select(i => new Header { Name = $"{i:d4}{new string('n', length)}", Value = new string('v', length) });

    // What other tests left comes and goes, about 10 MB of it: beside that much it is little.
    private static void IsNear(int bytes, Func<int, (object Kept, long Counted)> hold) =>
        HeapCost.IsNear(rounds: 3, () => hold(60_000_000 / (bytes + MessageCost.Message)));
}
