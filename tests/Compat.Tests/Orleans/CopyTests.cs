using Orleans.Serialization;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>Caller and grain share nothing that changes; what cannot be sent is refused.</summary>
public sealed class CopyTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly IPostOffice _office = cluster.Grains.GetGrain<IPostOffice>(Diary.NewKey());

    [Fact]
    public async Task Arguments_and_results_are_copies()
    {
        var inner = new Parcel { Items = { "inner" } };
        var parcel = new Parcel { Items = { "a" }, Named = { ["x"] = [1, 2] }, Inner = inner, Numbers = [1, 2] };
        parcel.At = DateTimeOffset.UnixEpoch;
        parcel.SetSecret(7);
        await _office.Keep(parcel).DefaultTimeout();
        parcel.Items.Add("changed by the caller");
        parcel.Named["x"][0] = 99;
        parcel.Inner.Items.Clear();

        var shown = await _office.Show().DefaultTimeout();
        Assert.Equal(["a"], shown!.Items);
        Assert.Equal([1, 2], shown.Named["x"]);
        Assert.Equal(["inner"], shown.Inner!.Items);
        Assert.Equal([1, 2], shown.Numbers!);
        Assert.Equal(DateTimeOffset.UnixEpoch, shown.At);
        Assert.Equal(7, shown.Secret());

        await _office.Change().DefaultTimeout();
        Assert.Equal(["a"], shown.Items);
        Assert.Equal(["a", "changed by the grain"], (await _office.Show().DefaultTimeout())!.Items);
    }

    [Fact]
    public async Task The_class_of_a_value_is_kept_not_the_declared_one()
    {
        await _office.Keep(new StampedParcel { Items = { "a" }, Stamp = "penny black" }).DefaultTimeout();
        var shown = Assert.IsType<StampedParcel>(await _office.Show().DefaultTimeout());
        Assert.Equal(("penny black", "a"), (shown.Stamp, shown.Items[0]));
    }

    [Fact]
    public async Task What_is_met_twice_is_one_thing_again()
    {
        var parcel = new Parcel();
        parcel.Inner = parcel;
        parcel.Anything = parcel.Items;
        await _office.Keep(parcel).DefaultTimeout();
        var shown = (await _office.Show().DefaultTimeout())!;
        Assert.Same(shown, shown.Inner);
        Assert.Same(shown.Items, shown.Anything);
        Assert.NotSame(parcel, shown);
    }

    [Fact]
    public async Task Records_structs_and_tuples_are_copied()
    {
        var letter = new Letter("you", ["line"]) { Copies = 3 };
        var read = await _office.KeepLetter(letter).DefaultTimeout();
        Assert.Equal(("you", 3), (read.To, read.Copies));
        Assert.Equal(["line", "read"], read.Lines);
        Assert.Equal(["line"], letter.Lines);

        var pair = new Pair { Left = [1], Right = ("r", [2]) };
        var kept = await _office.KeepPair(pair).DefaultTimeout();
        Assert.Equal([2], kept.Left);
        Assert.Equal([2, 1], kept.Right.Values);
        Assert.Equal([1], pair.Left);
        Assert.Equal([2], pair.Right.Values);
    }

    [Fact]
    public async Task Bytes_are_copied()
    {
        byte[] bytes = [1, 2, 3];
        var kept = await _office.KeepBytes(bytes).DefaultTimeout();
        Assert.Equal([2, 2, 3], kept);
        Assert.Equal([1, 2, 3], bytes);

        var memory = await _office.KeepMemory(bytes.AsMemory(1)).DefaultTimeout();
        bytes[1] = 77;
        Assert.Equal([2, 3], memory.ToArray());
    }

    [Fact]
    public async Task What_is_marked_immutable_is_not_copied()
    {
        byte[] wax = [1, 2];
        var seal = new Seal { Wax = wax, Marks = ["m"] };
        Assert.Same(seal, await _office.KeepSeal(seal).DefaultTimeout());

        // Not that a grain should do this: it shows that the very array arrives.
        int[] numbers = [1];
        await _office.Scribble(numbers).DefaultTimeout();
        Assert.Equal([2], numbers);
    }

    [Fact]
    public async Task Plain_values_arrive()
    {
        var (id, at) = (Guid.NewGuid(), DateTimeOffset.UnixEpoch.AddDays(1));
        var (span, uri, version) = (TimeSpan.FromSeconds(3), new Uri("http://x/y"), new Version(1, 2));
        var plain = await _office.Plain(id, at, span, uri, Colour.Green, null, 1.50m, version).DefaultTimeout();
        Assert.Equal(FormattableString.Invariant($"{id} {at:o} 00:00:03 http://x/y Green  1.50 1.2"), plain);
    }

    [Fact]
    public async Task A_value_of_unknown_static_type_is_copied_by_what_it_is()
    {
        var list = new List<int> { 1 };
        var kept = Assert.IsType<List<int>>(await _office.KeepAnything(list).DefaultTimeout());
        Assert.NotSame(list, kept);
        Assert.Equal(5, await _office.KeepAnything(5).DefaultTimeout());
        Assert.Null(await _office.KeepAnything(null).DefaultTimeout());
    }

    [Fact]
    public async Task A_type_without_GenerateSerializer_is_refused()
    {
        var refused = await Assert.ThrowsAsync<CodecNotFoundException>(() => _office.KeepAnything(new Contraband()).DefaultTimeout());
        Assert.Contains(nameof(Contraband), refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CodecNotFoundException>(() => _office.Keep(new Parcel { Anything = new Contraband() }).DefaultTimeout());
    }
}
