using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>Runs a gateway on loopback that does what the test says, faults of the protocol included.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private long _lastSession = unchecked((long)0xF000_0000_0000_0000);

    private FakeGateway(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Gets the subscriptions as they arrive.</summary>
    public Channel<FakeSession> Sessions { get; } = Channel.CreateUnbounded<FakeSession>();

    /// <summary>Gets the response calls as they arrive.</summary>
    public Channel<FakeResponse> Responses { get; } = Channel.CreateUnbounded<FakeResponse>();

    /// <summary>Gets or sets the handler of callers' requests.</summary>
    public Func<AgentRequest, IServerStreamWriter<AgentResponse>, ServerCallContext, Task> Publish { get; set; } =
        (_, _, _) => Task.CompletedTask;

    /// <summary>Gets or sets the function that creates the first message of a subscription; it returns null to send none.</summary>
    public Func<ulong, AgentRequest?> First { get; set; } = id => Messages.Welcome(id, TimeSpan.FromSeconds(10));

    /// <summary>Gets or sets the error that refuses subscriptions, or null.</summary>
    public RpcException? Refusal { get; set; }

    /// <summary>Gets the handlers of plain HTTP requests, by method and path.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task>> Rest { get; } = new();

    /// <summary>Gets the address for plain HTTP.</summary>
    public Uri RestAddress { get; private set; } = null!;

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        FakeGateway? gateway = null;
        builder.Services.AddSingleton(_ => gateway!);
        builder.Services.AddSingleton<Service>();
        var app = builder.Build();
        gateway = new FakeGateway(app);
        app.MapGrpcService<Service>();
        app.MapFallback(gateway.RestAsync);
        await app.StartAsync().DefaultTimeout();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        gateway.Address = new Uri(addresses[0]);
        gateway.RestAddress = new Uri(addresses[1]);
        return gateway;
    }

    public Task<FakeSession> NextSessionAsync() => Sessions.Reader.ReadAsync().DefaultTimeout();

    public Task<FakeResponse> NextResponseAsync() => Responses.Reader.ReadAsync().DefaultTimeout();

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _app.StopAsync(new CancellationToken(canceled: true)).DefaultTimeout();
        await _app.DisposeAsync();
    }

    private Task RestAsync(HttpContext context)
    {
        if (Rest.TryGetValue($"{context.Request.Method} {context.Request.Path}", out var handler))
        {
            return handler(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private sealed class Service(FakeGateway gateway) : AgentGateway.AgentGatewayBase
    {
        public override async Task AgentRequestSubscribe(
            SubscriberInfo request, IServerStreamWriter<AgentRequest> responseStream, ServerCallContext context)
        {
            if (gateway.Refusal is { } refusal)
            {
                throw refusal;
            }

            var session = new FakeSession(request, (ulong)Interlocked.Increment(ref gateway._lastSession));
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, gateway._stopping.Token);
            try
            {
                if (gateway.First(session.Id) is { } first)
                {
                    await responseStream.WriteAsync(first);
                }

                gateway.Sessions.Writer.TryWrite(session);
                await foreach (var message in session.Outbound.Reader.ReadAllAsync(ending.Token))
                {
                    await responseStream.WriteAsync(message);
                }
            }
            finally
            {
                session.Ended.TrySetResult();
            }
        }

        public override async Task<Empty> AgentResponsePublish(IAsyncStreamReader<AgentResponse> requestStream, ServerCallContext context)
        {
            var response = new FakeResponse(
                context.RequestHeaders.GetValue("request-id"), context.RequestHeaders.GetValue("session-id"), context.RequestHeaders.GetValue("traceparent"));
            gateway.Responses.Writer.TryWrite(response);
            var reading = ReadAsync(requestStream, response, context.CancellationToken);
            var stopping = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, gateway._stopping.Token);
            await await Task.WhenAny(reading, response.Verdict.Task, stopping);
            return new Empty();
        }

        public override Task AgentRequestPublish(
            AgentRequest request, IServerStreamWriter<AgentResponse> responseStream, ServerCallContext context) =>
            gateway.Publish(request, responseStream, context);

        private static async Task ReadAsync(IAsyncStreamReader<AgentResponse> stream, FakeResponse response, CancellationToken cancelled)
        {
            try
            {
                while (await stream.MoveNext(cancelled))
                {
                    response.Messages.Writer.TryWrite(stream.Current);
                }

                response.Messages.Writer.TryComplete();
            }
            catch (Exception error)
            {
                response.Messages.Writer.TryComplete(error);
                throw;
            }
        }
    }
}
