using Switchboard.Abstractions.FrontDoors;
using Switchboard.Grains.FrontDoors;

namespace Switchboard.Grains.Tests.FrontDoors;

public sealed class LeaseBookTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(20);

    private static readonly DateTimeOffset _wall = new(2026, 11, 29, 0, 0, 0, TimeSpan.Zero);
    private readonly FrontDoorRegistryState _state = new();
    private readonly Guid _one = Guid.NewGuid();
    private readonly Guid _other = Guid.NewGuid();

    /// <summary>I2, I3: numbers go round from 1 to 65535 and skip 0 and what is held.</summary>
    [Fact]
    public void Numbers_go_round()
    {
        _state.LastNumber = ushort.MaxValue - 1;
        var book = Book(TimeSpan.Zero);
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
        {
            _state.Leases[(ushort)number] = Ask(Guid.NewGuid(), (ushort)number);
        }

        Assert.Equal(0, Lease(Book(TimeSpan.Zero), _one, 0, TimeSpan.Zero));
    }

    /// <summary>A live holder's number is refused to others; it is free 20 s after the last renewal and not before.</summary>
    [Fact]
    public void A_number_lapses()
    {
        var book = Book(TimeSpan.Zero);
        Assert.Equal(5, Lease(book, _one, 5, TimeSpan.Zero));
        Assert.Equal(5, Lease(book, _one, 5, TimeSpan.FromSeconds(10)));
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(29.9), Wall(TimeSpan.FromSeconds(29.9))));
        Assert.Equal(0, Lease(book, _other, 5, TimeSpan.FromSeconds(29.9)));
        Assert.Equal(_one, Assert.Single(book.Lapse(TimeSpan.FromSeconds(30), Wall(TimeSpan.FromSeconds(30)))).Holder);
        // Nor does its last holder get it again: another may have been told that it is nobody's.
        Assert.Equal(0, Lease(book, _one, 5, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, Lease(book, _other, 5, TimeSpan.FromSeconds(29.9) + LeaseBook.Rest));
        Assert.Equal(5, Lease(book, _other, 5, TimeSpan.FromSeconds(30) + LeaseBook.Rest));
    }

    /// <summary>Joins, leaves and lapses are changes, and so is the start, before which nothing is known; a renewal is none.</summary>
    [Fact]
    public void A_change_is_who_holds_a_number()
    {
        var book = Book(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), book.ChangedAt);
        Lease(book, _one, 5, TimeSpan.FromSeconds(2));
        Lease(book, _other, 6, TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), book.ChangedAt);
        Lease(book, _one, 5, TimeSpan.FromSeconds(4));
        Lease(book, Guid.NewGuid(), 5, TimeSpan.FromSeconds(5));
        Assert.False(book.Release(6, _one, TimeSpan.FromSeconds(6), _wall));
        Assert.Equal(TimeSpan.FromSeconds(3), book.ChangedAt);
        Assert.True(book.Release(6, _other, TimeSpan.FromSeconds(7), _wall));
        Assert.Equal(TimeSpan.FromSeconds(7), book.ChangedAt);
        book.Lapse(TimeSpan.FromSeconds(24), _wall);
        Assert.Equal(TimeSpan.FromSeconds(24), book.ChangedAt);
        Lease(book, _other, 7, TimeSpan.FromSeconds(25));
        Lease(book, _other, 8, TimeSpan.FromSeconds(26));
        Assert.Equal(TimeSpan.FromSeconds(26), book.ChangedAt);
    }

    /// <summary>A number rests for an hour, over the loss of an activation too; where all that are free rest, the first one comes again.</summary>
    [Fact]
    public void A_number_that_was_given_back_rests()
    {
        for (var number = 3; number <= ushort.MaxValue; number++)
        {
            _state.Leases[(ushort)number] = Ask(Guid.NewGuid(), (ushort)number);
        }

        var book = Book(TimeSpan.Zero);
        Assert.Equal(1, Lease(book, _one, 0, TimeSpan.Zero));
        Assert.True(book.Release(1, _one, TimeSpan.Zero, _wall));
        Assert.Equal(2, Lease(Book(TimeSpan.Zero), _other, 0, TimeSpan.Zero));
        Assert.Equal(1, Lease(Book(TimeSpan.Zero), _one, 0, TimeSpan.Zero));
    }

    /// <summary>
    /// A new activation goes on where the last one was lost, but gives everybody the time to renew: nobody could while there was none.
    /// </summary>
    [Theory]
    [InlineData(3, 8)]
    [InlineData(-60, 8)]
    [InlineData(12, 12)]
    [InlineData(600, 20)]
    public void A_lease_goes_on_at_another_registry(int leftSeconds, int lastsSeconds)
    {
        _state.Leases[5] = Ask(_one, 5);
        _state.LapsesAt[5] = _wall + TimeSpan.FromSeconds(leftSeconds);
        var book = Book(TimeSpan.Zero);
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(lastsSeconds - 0.1), _wall));
        Assert.Single(book.Lapse(TimeSpan.FromSeconds(lastsSeconds), _wall));
    }

    /// <summary>What could not be written down is as if nobody had asked, and nobody else's lease is touched.</summary>
    [Fact]
    public void A_lease_that_could_not_be_written_is_taken_back()
    {
        var book = Book(TimeSpan.Zero);
        Assert.Equal(1, Lease(book, _one, 0, TimeSpan.Zero));
        Assert.Equal(2, Lease(book, _other, 0, TimeSpan.Zero));
        book.Undo(2, before: null);
        Assert.Equal([(ushort)1], _state.Leases.Keys);
        Assert.Equal(2, Lease(book, _other, 2, TimeSpan.Zero));
        var before = book.HeldBy(_one);
        Assert.Equal(9, Lease(book, _one, 9, TimeSpan.Zero));
        book.Undo(9, before);
        Assert.Equal(1, book.HeldBy(_one)!.Number);
        Assert.Equal(1, Lease(book, _one, 1, TimeSpan.Zero));
        Assert.Equal([(ushort)1, (ushort)2], _state.Leases.Keys.Order());
    }

    /// <summary>What was written down lasts 20 s from when it was read: when it was renewed last is not written.</summary>
    [Fact]
    public void A_read_lease_lasts_from_then()
    {
        _state.Leases[5] = Ask(_one, 5);
        var book = Book(TimeSpan.FromSeconds(100));
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(119), Wall(TimeSpan.FromSeconds(119))));
        Assert.Single(book.Lapse(TimeSpan.FromSeconds(120), Wall(TimeSpan.FromSeconds(120))));
        Assert.Empty(_state.Leases);
    }

    /// <summary>A renewal that changes nothing is not worth a write; a new name, or another number, is.</summary>
    [Fact]
    public void Only_changes_are_written()
    {
        var book = Book(TimeSpan.Zero);
        Assert.Equal(1, book.Lease(Ask(_one, 0), TimeSpan.Zero, _wall, out var changed));
        Assert.True(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 1), TimeSpan.Zero, _wall, out changed));
        Assert.False(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 0), TimeSpan.Zero, _wall, out changed));
        Assert.False(changed);
        Assert.Equal(1, book.Lease(Ask(_one, 1) with { Name = "new" }, TimeSpan.Zero, _wall, out changed));
        Assert.True(changed);
        Assert.Equal(9, book.Lease(Ask(_one, 9), TimeSpan.Zero, _wall, out changed));
        Assert.True(changed);
        Assert.Equal([(ushort)9], _state.Leases.Keys);
    }

    /// <summary>The lease of a front door whose silo is dead ends before its time, and its number rests. One without a silo lapses by time.</summary>
    [Fact]
    public void A_lease_ends_with_its_silo()
    {
        var (dead, alive) = (Silo(1), Silo(2));
        var book = Book(TimeSpan.Zero);
        book.Lease(Ask(_one, 1) with { Silo = dead }, TimeSpan.Zero, _wall, out _);
        book.Lease(Ask(_other, 2) with { Silo = alive }, TimeSpan.Zero, _wall, out _);
        Assert.Equal(3, Lease(book, Guid.NewGuid(), 3, TimeSpan.Zero));
        Assert.Empty(book.Gone(_wall));
        Assert.Equal(_one, Assert.Single(book.Bury(silo => silo.Equals(dead), TimeSpan.Zero, _wall)).Holder);
        Assert.Empty(book.Bury(silo => silo.Equals(dead), TimeSpan.Zero, _wall));
        Assert.Equal([(ushort)2, (ushort)3], _state.Leases.Keys.Order());
        Assert.Equal(0, Lease(book, _one, 1, TimeSpan.FromSeconds(1)));
        Assert.Equal([(ushort)1], book.Gone(_wall));
        Assert.Equal([(ushort)1], book.Gone(_wall + LeaseBook.GoneFor - TimeSpan.FromSeconds(1)));
        Assert.Empty(book.Gone(_wall + LeaseBook.GoneFor));
    }

    /// <summary>A registry that stood still gives everybody the time to renew, and takes nothing from those who have more.</summary>
    [Fact]
    public void A_registry_that_stood_still_lets_nobody_lapse_for_that()
    {
        var book = Book(TimeSpan.Zero);
        Lease(book, _one, 1, TimeSpan.Zero);
        Lease(book, _other, 2, TimeSpan.FromSeconds(59));
        var now = TimeSpan.FromSeconds(60);
        book.Resume(now);
        Assert.Empty(book.Lapse(now + LeaseBook.LeastAfterStart - TimeSpan.FromSeconds(0.1), _wall));
        Assert.Equal(_one, Assert.Single(book.Lapse(now + LeaseBook.LeastAfterStart, _wall)).Holder);
        Assert.Empty(book.Lapse(TimeSpan.FromSeconds(78.9), _wall));
        Assert.Equal(_other, Assert.Single(book.Lapse(TimeSpan.FromSeconds(79), _wall)).Holder);
    }

    /// <summary>Nobody gives back somebody else's number.</summary>
    [Fact]
    public void Only_the_holder_gives_back()
    {
        var book = Book(TimeSpan.Zero);
        Lease(book, _one, 3, TimeSpan.Zero);
        Assert.False(book.Release(3, _other, TimeSpan.Zero, _wall));
        Assert.False(book.Release(4, _one, TimeSpan.Zero, _wall));
        Assert.True(book.Release(3, _one, TimeSpan.Zero, _wall));
        Assert.False(book.Release(3, _one, TimeSpan.Zero, _wall));
        Assert.Equal(1, Lease(book, _other, 0, TimeSpan.Zero));
    }

    private static ushort Lease(LeaseBook book, Guid holder, ushort number, TimeSpan now) =>
        book.Lease(Ask(holder, number), now, Wall(now), out _);

    private static SiloAddress Silo(int generation) => SiloAddress.New(System.Net.IPAddress.Loopback, 11111, generation);

    private static DateTimeOffset Wall(TimeSpan now) => _wall + now;

    private LeaseBook Book(TimeSpan now) => new(_state, _duration, now, Wall(now));

    private static FrontDoorLease Ask(Guid holder, ushort number) => new() { Number = number, Holder = holder, Observers = [], Name = "name" };
}
