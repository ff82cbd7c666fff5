using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;

namespace Switchboard.Interop;

/// <summary>Runs cases one after the other, each within a minute, and says of each how it went; and what cases are made of.</summary>
internal static class Cases
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Which packages this program was built with: "compat" or "real".</summary>
    public static string Packages { get; } = typeof(Cases).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "SwitchboardPackages").Value!;

    public static async Task<bool> RunAsync(string server, IEnumerable<(string Name, Func<Task> Run)> cases)
    {
        var good = true;
        foreach (var (name, run) in cases)
        {
            try
            {
                await run().WaitAsync(Bound, TimeProvider.System);
                Console.WriteLine($"ok {Packages} client, {server} server: {name}");
            }
            catch (Exception e)
            {
                good = false;
                var text = $"{e.GetType().Name} {e.Message}".ReplaceLineEndings(" ");
                Console.WriteLine($"FAIL {Packages} client, {server} server: {name}: {text}");
            }
        }

        return good;
    }

    public static void Check(bool holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        if (!holds) throw new UnreachableException(what);
    }

    public static async Task<RpcException> FailsAsync(Func<Task> call, params StatusCode[] codes)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            Check(codes.Contains(e.StatusCode), $"{string.Join(" or ", codes)} was expected, not {e.Status}");
            return e;
        }

        throw new UnreachableException($"{string.Join(" or ", codes)} was expected, not OK");
    }

    public static async Task ReadToEndAsync(IAsyncStreamReader<TestReply> replies)
    {
        while (await replies.MoveNext())
        {
        }
    }

    public static ByteString Bytes(int size) => UnsafeByteOperations.UnsafeWrap(new byte[size]);

    public static DateTime In(int milliseconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds);
}
