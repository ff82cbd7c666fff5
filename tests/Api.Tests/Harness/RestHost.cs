using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Tasks;
using Switchboard.Api.Durable;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Requests;
using Switchboard.Api.Tasks;
using Switchboard.Grains;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>A whole silo with its front door on ports of the system's choice; each test has its own.</summary>
internal sealed class RestHost : IAsyncDisposable
{
    private RestHost(WebApplication app, FakeLogCollector log)
    {
        App = app;
        Log = log;
        var addresses = app.Services.GetRequiredService<ListenAddresses>();
        Grpc = addresses.Grpc;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        Client = new HttpClient(handler) { BaseAddress = addresses.Http, Timeout = TestTimeouts.Default };
    }

    public WebApplication App { get; }

    public FakeLogCollector Log { get; }

    public HttpClient Client { get; }

    public Uri Rest => Client.BaseAddress!;

    public Uri Grpc { get; }

    /// <summary>Waits until so many callers wait for tasks.</summary>
    public Task WhenTasksWaitAsync(int count)
    {
        var tasks = App.Services.GetRequiredService<TaskSubmitter>();
        return Eventually.IsTrueAsync(() => tasks.Pending == count, () => $"{tasks.Pending} tasks wait instead of {count}");
    }

    /// <summary>Starts one.</summary>
    /// <param name="services">Changes the services, after all others were added.</param>
    /// <param name="settings">Settings as <c>Switchboard:Tasks:Timeout=1s</c>.</param>
    public static async Task<RestHost> StartAsync(Action<IServiceCollection>? services = null, params string[] settings)
    {
        var log = new FakeLogCollector();
        var app = Build(log, services, settings);
        await app.StartAsync().DefaultTimeout();
        return new RestHost(app, log);
    }

    public static WebApplication Build(FakeLogCollector log, Action<IServiceCollection>? services = null, params string[] settings)
    {
        string[] args =
        [
            "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0", "--Switchboard:Listen:Hosts:0=*",
            "--Switchboard:FrontDoor:DataFolder=",
            "--Switchboard:Shutdown:DrainTime=0s", .. settings.Select(static s => "--" + s),
        ];
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(log));
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePorts.Next(), FreePorts.Next(), serviceId: "test", clusterId: "test")
            .AddMemoryGrainStorage(Names.Storage.Provider)
            .UseInMemoryReminderService()
            .AddSwitchboardGrains());
        builder.Services.AddMemoryRequestLog();
        builder.AddSwitchboardApi();
        builder.Services.AddSwitchboardOptions<GrainOptions>(GrainOptions.SectionName);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapSwitchboardApi();
        return app;
    }

    /// <summary>Starts one with that applier behind <c>/echo</c>.</summary>
    public static Task<RestHost> StartAsync(ITaskApplier applier, params string[] settings) => StartAsync(
        services =>
        {
            services.RemoveAll<ITaskApplier>();
            services.AddSingleton(applier);
        },
        settings);

    /// <summary>With that in place of the engine's live requests: what REST makes of a response, whatever the agent does.</summary>
    public static Task<RestHost> StartAsync(IRequestForwarder live, params string[] settings) => StartAsync(
        services => services.Replace(ServiceDescriptor.Singleton(live)), settings);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync().DefaultTimeout();
        await App.DisposeAsync();
    }
}
