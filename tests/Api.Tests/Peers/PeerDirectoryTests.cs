using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Api.Peers;
using Switchboard.Api.Time;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Peers;

/// <summary>What a front door knows of the others. The registry is the test's.</summary>
public sealed class PeerDirectoryTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly PeerCertificate _certificate;
    private readonly PeerConnections _connections;
    private readonly Registry _registry = new();
    private readonly PeerDirectory _directory;

    public PeerDirectoryTests()
    {
        _certificate = new PeerCertificate(_time);
        _connections = new PeerConnections(_certificate);
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        ((Grains)grains).Registry = _registry;
        _directory = new PeerDirectory(grains, _connections, new PeerCalls(NullLogger<PeerCalls>.Instance), new GatewayClock(_time));
    }

    public void Dispose()
    {
        _connections.Dispose();
        _certificate.Dispose();
    }

    /// <summary>The list was made, the word that a front door on it is gone came, and then the list comes.</summary>
    [Fact]
    public async Task A_list_that_is_older_than_the_word_brings_nobody_back()
    {
        var finding = _directory.FindAsync(7).AsTask();
        await _registry.WasAsked.DefaultTimeout();
        _directory.OnOthersGone([7]);
        _registry.Replies(Lease(7), Lease(8));
        Assert.Null(await finding.DefaultTimeout());
        Assert.True(_directory.IsGone(7));
        Assert.NotNull(await _directory.FindAsync(8).AsTask().DefaultTimeout());
    }

    /// <summary>A number that rested long enough is somebody else's.</summary>
    [Fact]
    public async Task A_number_that_is_listed_again_is_not_gone()
    {
        _directory.OnOthersGone([7]);
        _registry.Replies(Lease(7));
        Assert.NotNull(await _directory.FindAsync(7).AsTask().DefaultTimeout());
        Assert.False(_directory.IsGone(7));
    }

    private static FrontDoorLease Lease(ushort number) => new()
    {
        Number = number,
        Holder = Guid.NewGuid(),
        Observers = [],
        Name = "",
        PeerAddress = "127.0.0.1:1",
        PeerCertificate = $"{number}",
        PeerProtocol = PeerMetadata.Version,
    };

    private sealed class Registry : IFrontDoorRegistryGrain
    {
        private readonly TaskCompletionSource<IReadOnlyList<FrontDoorLease>> _list = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task WasAsked => _asked.Task;

        public void Replies(params FrontDoorLease[] leases) => _list.SetResult(leases);

        public Task<IReadOnlyList<FrontDoorLease>> List()
        {
            _asked.TrySetResult();
            return _list.Task;
        }

        public Task<FrontDoorLeased> Lease(FrontDoorLease lease) => throw new NotSupportedException();

        public Task Release(ushort number, Guid holder) => throw new NotSupportedException();

        public Task<FrontDoorLease?> Find(ushort number) => throw new NotSupportedException();
    }

    /// <summary>One registry.</summary>
    public class Grains : DispatchProxy
    {
        internal IFrontDoorRegistryGrain? Registry { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IGrainFactory.GetGrain) ? Registry : throw new NotSupportedException(targetMethod.Name);
    }
}
