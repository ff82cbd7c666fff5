using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Switchboard.TestSupport.Faults;

/// <summary>One connection through a <see cref="FaultyProxy"/>: two sockets, a pump each way, and what befalls them.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "RunAsync, which runs once, disposes of all it holds at its end.")]
internal sealed class ProxyConnection
{
    private const int BufferBytes = 16 * 1024;

    private readonly FaultyProxy _proxy;
    private readonly ConnectionPlan _plan;
    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _over;
    private readonly ProxyGate[] _silence = [new(), new()];
    private readonly long[] _passed = new long[2];
    private readonly TaskCompletionSource _overtaken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProxyConnection(FaultyProxy proxy, int number, ConnectionPlan plan, Socket client, CancellationToken proxyStops)
    {
        _proxy = proxy;
        _plan = plan;
        _client = client;
        _client.NoDelay = true;
        _over = CancellationTokenSource.CreateLinkedTokenSource(proxyStops);
        Number = number;
    }

    /// <summary>The first that the proxy took is 0.</summary>
    public int Number { get; }

    /// <summary>How many bytes were passed on so far.</summary>
    public long Passed(ProxyDirection direction) => Interlocked.Read(ref _passed[(int)direction]);

    /// <summary>From now on nothing passes and nothing is closed.</summary>
    public void GoSilent()
    {
        GoSilent(ProxyDirection.ToServer);
        GoSilent(ProxyDirection.ToClient);
    }

    public void GoSilent(ProxyDirection direction) => _silence[(int)direction].Shut();

    /// <summary>What was held back passes, and all that follows.</summary>
    public void Speak()
    {
        _silence[(int)ProxyDirection.ToServer].Open();
        _silence[(int)ProxyDirection.ToClient].Open();
    }

    /// <summary>FIN to both sides.</summary>
    public void Cut() => Close(reset: false);

    /// <summary>RST to both sides.</summary>
    public void Reset() => Close(reset: true);

    /// <summary>A later connection got through: this one need not be held any longer.</summary>
    public void Overtaken() => _overtaken.TrySetResult();

    /// <summary>Until both sides have closed, or it was cut. Never throws.</summary>
    public async Task RunAsync(IPEndPoint server)
    {
        try
        {
            await HoldAsync();
            await _proxy.Connects.WhenOpenAsync(_over.Token);
            await _server.ConnectAsync(server, _over.Token);
            _proxy.GotThrough(this);
            await Task.WhenAll(PumpAsync(ProxyDirection.ToServer), PumpAsync(ProxyDirection.ToClient));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The server is not there, or it was cut here.
        }
        finally
        {
            _client.Dispose();
            _server.Dispose();
            _over.Dispose();
        }
    }

    private async Task HoldAsync()
    {
        if (_plan.HoldConnect > TimeSpan.Zero)
        {
            await Task.WhenAny(_overtaken.Task, Task.Delay(_plan.HoldConnect, _proxy.Time, _over.Token));
        }
    }

    private async Task PumpAsync(ProxyDirection direction)
    {
        var (from, to) = direction == ProxyDirection.ToServer ? (_client, _server) : (_server, _client);
        var faults = new Queue<PlannedFault>(_plan.Faults.Where(f => f.Direction == direction).OrderBy(f => f.AfterBytes));
        var trickle = 0;
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _over.Token) is > 0 and var read)
            {
                for (ReadOnlyMemory<byte> rest = buffer.AsMemory(0, read); !rest.IsEmpty;)
                {
                    while (faults.TryPeek(out var next) && next.AfterBytes <= Passed(direction))
                    {
                        trickle += await SufferAsync(faults.Dequeue());
                    }

                    await WhenHeardAsync(direction);
                    var part = NextPart(rest, faults, direction, trickle);
                    trickle = Math.Max(0, trickle - part.Length);
                    await SendAsync(to, part, direction);
                    rest = rest[part.Length..];
                }
            }

            await WhenHeardAsync(direction);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As a real hop does: who loses one side resets the other.
            Reset();
        }
    }

    private ReadOnlyMemory<byte> NextPart(ReadOnlyMemory<byte> rest, Queue<PlannedFault> faults, ProxyDirection direction, int trickle)
    {
        var length = faults.TryPeek(out var next) ? Math.Min(rest.Length, next.AfterBytes - Passed(direction)) : rest.Length;
        return rest[..(int)(trickle > 0 ? Math.Min(length, 1 + (trickle % 7)) : length)];
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> part, ProxyDirection direction)
    {
        while (!part.IsEmpty)
        {
            var sent = await to.SendAsync(part, _over.Token);
            Interlocked.Add(ref _passed[(int)direction], sent);
            part = part[sent..];
        }
    }

    private async ValueTask WhenHeardAsync(ProxyDirection direction)
    {
        await _proxy.SilenceOf(direction).WhenOpenAsync(_over.Token);
        await _silence[(int)direction].WhenOpenAsync(_over.Token);
    }

    // How many bytes trickle from here on.
    private async ValueTask<int> SufferAsync(PlannedFault fault)
    {
        _proxy.Count(fault.Kind);
        switch (fault.Kind)
        {
            case ProxyFault.Delay:
                await Task.Delay(fault.Length, _proxy.Time, _over.Token);
                return 0;
            case ProxyFault.Cut:
                Cut();
                return 0;
            case ProxyFault.Reset:
                Reset();
                return 0;
            case ProxyFault.Silence:
                GoSilent();
                return 0;
            case ProxyFault.OneWaySilence:
                GoSilent(fault.Direction);
                return 0;
            default:
                return fault.Bytes;
        }
    }

    // The sockets themselves are closed when the pumps have left them: closing one under a pending read would send RST for FIN.
    private void Close(bool reset)
    {
        foreach (var socket in (Socket[])[_client, _server])
        {
            try
            {
                if (reset)
                {
                    // Closing with a linger time of 0 sends RST.
                    socket.LingerState = new LingerOption(true, 0);
                }
                else
                {
                    socket.Shutdown(SocketShutdown.Both);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Not connected yet, or closed already.
            }
        }

        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was over.
        }
    }
}
