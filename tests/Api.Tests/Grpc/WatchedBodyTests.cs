using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.Grpc;
using Switchboard.Api.Requests;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Grpc;

/// <summary>What is read through the watch is what was sent, wherever the messages are cut in pieces.</summary>
public sealed class WatchedBodyTests : IDisposable
{
    private static readonly int[] _sizes = [0, 1, 100, 5000, 65_530, 65_536, 100_000, 262_139, 262_144, 300_000, 1_500_000];

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SwitchboardMeter>().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_message_comes_out_as_it_went_in(int seed)
    {
        var random = new Random(seed);
        var messages = Enumerable.Range(0, 40).Select(_ =>
        {
            var content = new byte[_sizes[random.Next(_sizes.Length - 1)]];
            random.NextBytes(content);
            return content;
        }).Append(new byte[_sizes[^1]]).ToList();
        var clock = new GatewayClock(new ManualTimeProvider());
        using var wheel = new TimerWheel(clock);
        var meter = _services.GetRequiredService<SwitchboardMeter>();
        var limits = new AdmissionLimits(clock, new LimitRejections(meter), meter, Options.Create(new AdmissionOptions()));

        // Each piece is looked at before the next one comes.
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new Feature(pipe.Reader));
        using var body = new UnfinishedMessages(wheel, clock, limits, Options.Create(new RequestOptions())).Watch(context, MethodType.DuplexStreaming);

        var mostHeld = 0L;
        var reading = ReadAsync(body);
        var wire = messages.SelectMany(m => RawRpc.Frame(m)).ToArray();
        for (var at = 0; at < wire.Length;)
        {
            var length = Math.Min(random.Next(1, 150_000), wire.Length - at);
            await pipe.Writer.WriteAsync(wire.AsMemory(at, length));
            at += length;
            mostHeld = Math.Max(mostHeld, limits.Bytes.Acquired);
        }

        Assert.InRange(mostHeld, 1_000_000, 1_500_005);

        await pipe.Writer.CompleteAsync();
        var read = await reading.DefaultTimeout();
        Assert.Equal(messages.Count, read.Count);
        Assert.All(messages.Zip(read), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
        Assert.Equal(0, limits.Bytes.Acquired);
    }

    // As gRPC for .NET does it: looks at all until a message is whole, and takes that.
    private static async Task<List<byte[]>> ReadAsync(WatchedBody body)
    {
        List<byte[]> messages = [];
        while (true)
        {
            var read = await body.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            if (buffer.Length >= CheckedHeads.HeadBytes)
            {
                var head = buffer.Slice(1, 4).ToArray();
                var end = CheckedHeads.HeadBytes + (long)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(head);
                if (buffer.Length >= end)
                {
                    messages.Add(buffer.Slice(CheckedHeads.HeadBytes, end - CheckedHeads.HeadBytes).ToArray());
                    body.AdvanceTo(buffer.GetPosition(end));
                    continue;
                }
            }

            if (read.IsCompleted && buffer.IsEmpty)
            {
                return messages;
            }

            Assert.False(read.IsCompleted, "it ends in the middle");
            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private sealed record Feature(PipeReader Reader) : IRequestBodyPipeFeature;
}
