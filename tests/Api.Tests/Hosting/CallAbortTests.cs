using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.Tests.Hosting;

/// <summary>A cut that comes too late hits nobody: Kestrel takes the context for the next call.</summary>
public sealed class CallAbortTests
{
    [Fact]
    public void A_call_is_cut_while_it_lasts_and_not_after_it()
    {
        var lifetime = new Lifetime();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        var abort = new CallAbort(context);

        abort.Abort();
        Assert.Equal(1, lifetime.Aborts);

        abort.Over();
        abort.Abort();
        Assert.Equal(1, lifetime.Aborts);
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public int Aborts { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborts++;
    }
}
