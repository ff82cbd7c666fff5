using Switchboard.Abstractions.FrontDoors;
using Switchboard.Grains.FrontDoors;

namespace Switchboard.Grains.Tests.FrontDoors;

public sealed class LeaseBookTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(20);

    private readonly FrontDoorRegistryState _state = new();
    private readonly Guid _one = Guid.NewGuid();
    private readonly Guid _other = Guid.NewGuid();

    /// <summary>I2, I3: numbers go round from 1 to 65535 and skip 0 and what is held.</summary>
    [Fact]
    public void Numbers_go_round()
    {
        _state.LastNumber = ushort.MaxValue - 1;
        var book = new LeaseBook(_state, _duration, TimeSpan.Zero);
        Assert.Equal(ushort.MaxValue, Lease(book, _one, 0, TimeSpan.Zero));
        Assert.Equal(1, Lease(book, _other, 0, TimeSpan.Zero));
        _state.LastNumber = ushort.MaxValue - 1;
        Assert.Equal(2, Lease(book, Guid.NewGuid(), 0, TimeSpan.Zero));
    }

    /// <summary>Where every number is held, none is given out.</summary>
    [Fact]
    public void All_numbers_held_is_a_refusal()
    {
        for (var number = 1; number <= ushort.MaxValue; number++)
            _state.Leases[(ushort)number] = Ask(Guid.NewGuid(), (ushort)number);
        Assert.Equal(0, Lease(new LeaseBook(_state, _duration, TimeSpan.Zero), _one, 0, TimeSpan.Zero));
    }

    /// <summary>A live holder's number is refused to others; it is free 20 s after the last renewal and not before.</summary>
    [Fact]
    public void A_number_lapses()
    {
        var book = new LeaseBook(_state, _duration, TimeSpan.Zero);
        Assert.Equal(5, Lease(book, _one, 5, TimeSpan.Zero));
        Assert.Equal(5, Lease(book, _one, 5, TimeSpan.FromSeconds(10)));
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(29.9)));
        Assert.Equal(0, Lease(book, _other, 5, TimeSpan.FromSeconds(29.9)));
        Assert.Equal(_one, Assert.Single(book.Lapse(TimeSpan.FromSeconds(30))).Holder);
        Assert.Equal(5, Lease(book, _other, 5, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, Lease(book, _one, 5, TimeSpan.FromSeconds(30)));
    }

    /// <summary>What was written down lasts 20 s from when it was read: when it was renewed last is not written.</summary>
    [Fact]
    public void A_read_lease_lasts_from_then()
    {
        _state.Leases[5] = Ask(_one, 5);
        var book = new LeaseBook(_state, _duration, TimeSpan.FromSeconds(100));
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(119)));
        Assert.Single(book.Lapse(TimeSpan.FromSeconds(120)));
        Assert.Empty(_state.Leases);
    }

    /// <summary>A renewal that changes nothing is not worth a write; a new name, or another number, is.</summary>
    [Fact]
    public void Only_changes_are_written()
    {
        var book = new LeaseBook(_state, _duration, TimeSpan.Zero);
        Assert.Equal(1, book.Lease(Ask(_one, 0), TimeSpan.Zero, out var changed));
        Assert.True(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 1), TimeSpan.Zero, out changed));
        Assert.False(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 0), TimeSpan.Zero, out changed));
        Assert.False(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 1) with { Name = "new" }, TimeSpan.Zero, out changed));
        Assert.True(changed);
        Assert.Equal(9, book.Lease(Ask(_one, 9), TimeSpan.Zero, out changed));
        Assert.True(changed);
        Assert.Equal([(ushort)9], _state.Leases.Keys);
    }

    /// <summary>Nobody gives back somebody else's number.</summary>
    [Fact]
    public void Only_the_holder_gives_back()
    {
        var book = new LeaseBook(_state, _duration, TimeSpan.Zero);
        Lease(book, _one, 3, TimeSpan.Zero);
        Assert.False(book.Release(3, _other));
        Assert.False(book.Release(4, _one));
        Assert.True(book.Release(3, _one));
        Assert.False(book.Release(3, _one));
        Assert.Equal(1, Lease(book, _other, 0, TimeSpan.Zero));
    }

    private static ushort Lease(LeaseBook book, Guid holder, ushort number, TimeSpan now) => book.Lease(Ask(holder, number), now, out _);

    private static FrontDoorLease Ask(Guid holder, ushort number) => new() { Number = number, Holder = holder, Lanes = [], Name = "name" };
}
