using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchboard.Compat.Tests.Grpc;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.Interop;
using Switchboard.V1;

switch (args)
{
    case ["serve"]:
        await ServeAsync();
        return 0;
    case ["call", var address, var server]:
        return await Calls.RunAsync(address, server) ? 0 : 1;
    case ["call-raw", var address, var server]:
        return await RawCalls.RunAsync(address, server) ? 0 : 1;
    case ["descriptor", var file]:
        await WriteDescriptorAsync(file);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: serve | call ADDRESS SERVER | call-raw ADDRESS SERVER | descriptor FILE");
        return 2;
}

// Serves the test service until its input ends, so that it never outlives whoever started it.
static async Task ServeAsync()
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
    builder.Services.AddGrpc();
    var probe = new Probe();
    probe.Own = context => context.RequestHeaders.GetValue("x-own") == "heard" ? probe.Heard("cancelled") : DieAsync();
    builder.Services.AddSingleton(probe);
    await using var app = builder.Build();
    app.MapGrpcService<TestHandlers>();
    await app.StartAsync();
    var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
    Console.WriteLine("listening " + new Uri(addresses.Single()).Authority);
    await Console.In.ReadToEndAsync();
}

// No shutdown: the callers get neither trailers nor GOAWAY.
static Task DieAsync()
{
    Environment.Exit(1);
    return Task.CompletedTask;
}

// A FileDescriptorSet, for languages whose protobuf can take messages from a description: field 1, length-delimited, a file each.
static async Task WriteDescriptorAsync(string path)
{
    await using var file = File.Create(path);
    using var output = new CodedOutputStream(file);
    foreach (var description in (FileDescriptor[])[DurationReflection.Descriptor, AgentGatewayReflection.Descriptor, TestReflection.Descriptor])
    {
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(description.SerializedData);
    }
}
