using System.Runtime.CompilerServices;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

[Alias("compat.listener")]
public interface IListener : IGrainObserver
{
    [Alias("Hear")]
    [ResponseTimeout("00:00:01")]
    Task<int> Hear(string word);

    [Alias("Hold")]
    Task Hold(string gate);
}

/// <summary>A grain that calls observers.</summary>
[Alias("compat.speaker")]
public interface ISpeaker : IGrainWithStringKey
{
    [Alias("Say")]
    Task<int> Say(IListener listener, string word);

    [Alias("Keep")]
    Task Keep(IListener listener);

    [Alias("SayAgain")]
    Task<int> SayAgain(string word);
}

[GrainType("compat-speaker")]
public sealed class SpeakerGrain : Grain, ISpeaker
{
    private IListener? _kept;

    public Task<int> Say(IListener listener, string word) => listener.Hear(word);

    public Task Keep(IListener listener)
    {
        _kept = listener;
        return Task.CompletedTask;
    }

    public Task<int> SayAgain(string word) => _kept!.Hear(word);
}

/// <summary>Objects outside of grains that grains call.</summary>
public sealed class ObserverTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly string _key = Diary.NewKey();

    private ISpeaker Speaker => cluster.Grains.GetGrain<ISpeaker>(_key);

    [Fact]
    public async Task An_observer_is_called()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        Assert.Equal(3, await Speaker.Say(reference, "one").DefaultTimeout());
        await Speaker.Keep(reference).DefaultTimeout();
        Assert.Equal(3, await Speaker.SayAgain("two").DefaultTimeout());
        Assert.Equal(["one", "two"], Diary.Of(_key).Entries);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Calls_to_one_observer_run_one_at_a_time()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        var held = reference.Hold("a");
        await Diary.Of(_key).WhenAsync("holding a");
        var heard = reference.Hear("later");
        await cluster.Grains.GetGrain<IWorker>(_key).Add(1, 1).DefaultTimeout();
        Assert.DoesNotContain("later", Diary.Of(_key).Entries);
        Diary.Of(_key).Open("a");
        await Task.WhenAll(held, heard).DefaultTimeout();
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_deleted_observer_does_not_answer()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        await reference.Hear("before").DefaultTimeout();
        cluster.Grains.DeleteObjectReference<IListener>(reference);
        await Assert.ThrowsAsync<TimeoutException>(() => reference.Hear("after").DefaultTimeout());
        await Assert.ThrowsAsync<TimeoutException>(() => Speaker.Say(reference, "after").DefaultTimeout());
        Assert.Equal(["before"], Diary.Of(_key).Entries);
        Assert.Throws<ArgumentException>(() => cluster.Grains.DeleteObjectReference<IListener>(reference));
        Assert.Throws<ArgumentException>(() => cluster.Grains.DeleteObjectReference<IListener>(listener));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task An_observer_that_nobody_holds_is_gone()
    {
        var reference = Make();
#pragma warning disable RS0030 // That a collection takes it away is what is tried here.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
#pragma warning restore RS0030
        await Assert.ThrowsAsync<TimeoutException>(() => reference.Hear("after").DefaultTimeout());
        Assert.Empty(Diary.Of(_key).Entries);

        [MethodImpl(MethodImplOptions.NoInlining)]
        IListener Make() => cluster.Grains.CreateObjectReference<IListener>(new Listener(_key));
    }

    [Fact]
    public async Task A_failing_observer_fails_its_caller()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reference.Hear("").DefaultTimeout());
        Assert.Equal(1, await reference.Hear("x").DefaultTimeout());
        GC.KeepAlive(listener);
    }

    [Fact]
    public void A_reference_is_no_observer()
    {
        var listener = new Listener(_key);
        var reference = cluster.Grains.CreateObjectReference<IListener>(listener);
        Assert.Throws<ArgumentException>(() => cluster.Grains.CreateObjectReference<IListener>(reference));
        GC.KeepAlive(listener);
    }

    private sealed class Listener(string key) : IListener
    {
        public async Task<int> Hear(string word)
        {
            await Task.Yield();
            if (word.Length == 0)
            {
                throw new InvalidOperationException("nothing was said");
            }

            Diary.Of(key).Write(word);
            return word.Length;
        }

        public async Task Hold(string gate)
        {
            Diary.Of(key).Write($"holding {gate}");
            await Diary.Of(key).PassAsync(gate);
        }
    }
}
