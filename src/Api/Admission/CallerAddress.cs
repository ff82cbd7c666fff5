using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Switchboard.Api.Admission;

/// <summary>Identifies a caller by its remote address, while there is no authentication.</summary>
internal static class CallerAddress
{
    /// <summary>
    /// Returns an IPv4 address, or the first half of an IPv6 address, because the owner of one has 2^64 of them. The two do not collide: no
    /// network has a first half as small as an IPv4 address. 0 if there is no address.
    /// </summary>
    public static ulong KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            address.TryWriteBytes(bytes, out var written);
            return BinaryPrimitives.ReadUInt32BigEndian(bytes[(written - 4)..]);
        }
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
