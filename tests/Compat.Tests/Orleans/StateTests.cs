using Orleans.Storage;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

[GenerateSerializer]
[Alias("compat.notebook-state")]
public sealed class NotebookState
{
    [Id(0)]
    public List<string> Lines { get; set; } = [];
}

/// <summary>A grain with two states.</summary>
[Alias("compat.notebook")]
public interface INotebook : IGrainWithStringKey
{
    [Alias("Add")]
    Task Add(string line, bool write);

    [Alias("Lines")]
    Task<List<string>> Lines();

    [Alias("Reload")]
    Task Reload();

    [Alias("Clear")]
    Task Clear();

    [Alias("Existence")]
    Task<string> Existence();

    [Alias("Age")]
    Task<int> Age();

    [Alias("GoAway")]
    Task GoAway();

    [Alias("WriteTwiceAtOnce")]
    Task WriteTwiceAtOnce();

    [Alias("WriteBehindItsBack")]
    Task WriteBehindItsBack();
}

[GrainType("compat-notebook")]
public sealed class NotebookGrain(
    [PersistentState("lines", "named")] IPersistentState<NotebookState> lines,
    [PersistentState("other")] IPersistentState<NotebookState> other,
    [Microsoft.Extensions.DependencyInjection.FromKeyedServices("named")] IGrainStorage storage) : Grain, INotebook
{
    private int _age;

    public async Task Add(string line, bool write)
    {
        lines.State.Lines.Add(line);
        other.State.Lines.Add("other " + line);
        if (write)
        {
            await lines.WriteStateAsync();
            await other.WriteStateAsync(CancellationToken.None);
        }
    }

    public Task<List<string>> Lines() => Task.FromResult(lines.State.Lines);

    public Task Reload() => lines.ReadStateAsync();

    public Task Clear() => lines.ClearStateAsync();

    public Task<string> Existence() => Task.FromResult($"{lines.RecordExists} {lines.Etag is not null}");

    public Task<int> Age() => Task.FromResult(++_age);

    public Task GoAway()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task WriteTwiceAtOnce()
    {
        lines.State.Lines.Add("one");
        var first = lines.WriteStateAsync();
        lines.State.Lines.Add("two");
        return Task.WhenAll(first, lines.WriteStateAsync());
    }

    public async Task WriteBehindItsBack()
    {
        var somebodyElses = new GrainState<NotebookState>();
        await storage.ReadStateAsync("lines", this.GetGrainId(), somebodyElses);
        somebodyElses.State!.Lines.Add("by somebody else");
        await storage.WriteStateAsync("lines", this.GetGrainId(), somebodyElses);
    }
}

/// <summary>States: read before the grain is activated, written when it says so, with etags.</summary>
public sealed class StateTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly INotebook _notebook = cluster.Grains.GetGrain<INotebook>(Diary.NewKey());

    [Fact]
    public async Task What_was_written_is_there_in_the_next_activation_and_what_was_not_is_not()
    {
        Assert.Equal("False False", await _notebook.Existence().DefaultTimeout());
        await _notebook.Add("a", write: true).DefaultTimeout();
        Assert.Equal("True True", await _notebook.Existence().DefaultTimeout());
        await _notebook.Add("b", write: false).DefaultTimeout();
        await _notebook.GoAway().DefaultTimeout();
        Assert.Equal(["a"], await _notebook.Lines().DefaultTimeout());
    }

    [Fact]
    public async Task Changing_the_state_changes_nothing_in_the_store()
    {
        await _notebook.Add("a", write: true).DefaultTimeout();
        await _notebook.Add("b", write: false).DefaultTimeout();
        await _notebook.Reload().DefaultTimeout();
        Assert.Equal(["a"], await _notebook.Lines().DefaultTimeout());
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_a_grain_that_lets_that_out_is_activated_anew()
    {
        await _notebook.Add("a", write: true).DefaultTimeout();
        Assert.Equal(1, await _notebook.Age().DefaultTimeout());
        await _notebook.WriteBehindItsBack().DefaultTimeout();
        await Assert.ThrowsAsync<InconsistentStateException>(() => _notebook.Add("lost", write: true).DefaultTimeout());
        Assert.Equal(1, await _notebook.Age().DefaultTimeout());
        Assert.Equal(["a", "by somebody else"], await _notebook.Lines().DefaultTimeout());

        await _notebook.WriteBehindItsBack().DefaultTimeout();
        await Assert.ThrowsAsync<InconsistentStateException>(() => _notebook.Clear().DefaultTimeout());
        await _notebook.Add("b", write: true).DefaultTimeout();
        Assert.Equal(["a", "by somebody else", "by somebody else", "b"], await _notebook.Lines().DefaultTimeout());
    }

    [Fact]
    public async Task A_cleared_state_is_gone()
    {
        await _notebook.Add("a", write: true).DefaultTimeout();
        await _notebook.Clear().DefaultTimeout();
        Assert.Empty(await _notebook.Lines().DefaultTimeout());
        Assert.Equal("False", (await _notebook.Existence().DefaultTimeout()).Split(' ')[0]);
        await _notebook.Add("b", write: true).DefaultTimeout();
        await _notebook.GoAway().DefaultTimeout();
        Assert.Equal(["b"], await _notebook.Lines().DefaultTimeout());
    }

    [Fact]
    public async Task Two_writes_at_once_are_no_conflict()
    {
        await _notebook.WriteTwiceAtOnce().DefaultTimeout();
        await _notebook.GoAway().DefaultTimeout();
        Assert.Equal(["one", "two"], await _notebook.Lines().DefaultTimeout());
    }
}
