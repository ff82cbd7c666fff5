namespace Switchboard.Compat.Tests.Orleans.Refused;

// Each of these is refused by the real packages when they compile, or when a silo starts; so this folder is compiled with
// the stand-in only, which has no other time to refuse them than when they are first used.

public interface IReturnsNoTask : IGrainObserver
{
    int Count();
}

public interface IHasProperty : IGrainObserver
{
    string Name { get; }
}

public interface IHasRefParameter : IGrainObserver
{
    Task Take(ref int number);
}

public interface IHasTwoTokens : IGrainObserver
{
    Task Wait(CancellationToken one, CancellationToken two);
}

public interface ITakesContraband : IGrainObserver
{
    Task Take(List<Contraband> contraband);
}

public interface IGivesContraband : IGrainObserver
{
    ValueTask<Contraband?> Give();
}

public interface ITakesForgetful : IGrainObserver
{
    Task Take(Forgetful forgetful);
}

/// <summary>A member without an id.</summary>
[GenerateSerializer]
public sealed class Forgetful
{
    [Id(0)]
    public int Kept { get; set; }

    public int Lost { get; set; }
}

public interface ITakesOrphan : IGrainObserver
{
    Task Take(Orphan orphan);
}

public class PlainParent
{
    public int Number { get; set; }
}

/// <summary>A base that cannot be sent.</summary>
[GenerateSerializer]
public sealed class Orphan : PlainParent
{
    [Id(0)]
    public int Own { get; set; }
}
