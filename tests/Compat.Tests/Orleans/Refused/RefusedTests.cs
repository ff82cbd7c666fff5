namespace Switchboard.Compat.Tests.Orleans.Refused;

/// <summary>The stand-in refuses what the real packages refuse, and says what to do.</summary>
public sealed class RefusedTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    public static TheoryData<Type, string> Refused => new()
    {
        { typeof(IReturnsNoTask), "ORLEANS0009" },
        { typeof(IHasProperty), "ORLEANS0008" },
        { typeof(IHasRefParameter), "ORLEANS0002" },
        { typeof(IHasTwoTokens), "ORLEANS0109" },
        { typeof(ITakesContraband), "Contraband: mark it with [GenerateSerializer]" },
        { typeof(IGivesContraband), "Contraband: mark it with [GenerateSerializer]" },
        { typeof(ITakesForgetful), "Lost of Switchboard.Compat.Tests.Orleans.Refused.Forgetful has neither [Id] nor [NonSerialized]" },
        { typeof(ITakesOrphan), "PlainParent" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_refused_when_it_is_first_used(Type interfaceType, string because)
    {
        var reference = typeof(IGrainFactory).GetMethods()
            .Single(m => m.Name == "GetGrain" && m.GetParameters()[0].ParameterType == typeof(GrainId));
        var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(
            () => reference.MakeGenericMethod(interfaceType).Invoke(cluster.Grains, [GrainId.Create("x", "y")]));
        Assert.Contains(because, Assert.IsType<OrleansConfigurationException>(thrown.InnerException).Message, StringComparison.Ordinal);
    }
}
