using System.Text.Json;
using Switchboard.Core.Ids;

namespace Switchboard.Core.Tests.Ids;

public sealed class RequestIdTests
{
    /// <summary>I6: beyond 2^53 a JSON number would lose its last digits in JavaScript; the text does not.</summary>
    [Theory]
    [InlineData(0UL, "0000000000000000")]
    [InlineData(0x0012000000345601UL, "0012000000345601")]
    [InlineData((1UL << 53) + 1, "0020000000000001")]
    [InlineData(ulong.MaxValue, "ffffffffffffffff")]
    public void Goes_through_JSON_as_16_hex_digits(ulong value, string text)
    {
        var json = JsonSerializer.Serialize(new { id = new RequestId(value).ToString() });
        using var parsed = JsonDocument.Parse(json);

        Assert.Equal($$"""{"id":"{{text}}"}""", json);
        Assert.True(RequestId.TryParse(parsed.RootElement.GetProperty("id").GetString(), out var id));
        Assert.Equal(value, id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("001200000034560")]
    [InlineData("00012000000345601")]
    [InlineData("0x12000000345601")]
    [InlineData(" 012000000345601")]
    [InlineData("001200000034560 ")]
    [InlineData("-012000000345601")]
    [InlineData("001200000034560g")]
    public void Refuses_what_is_not_16_hex_digits(string? text)
    {
        Assert.False(RequestId.TryParse(text, out var id));
        Assert.Equal(default, id);
    }

    [Fact]
    public void Reads_either_case() =>
        Assert.True(RequestId.TryParse("00ABCDEF00abcdef", out var id) && id.Value == 0x00ABCDEF00abcdef);

    [Fact]
    public void A_durable_id_has_no_front_door()
    {
        var durable = RequestId.Durable((1UL << 48) - 1);

        Assert.True(durable.IsDurable);
        Assert.Equal(RequestId.DurableFrontDoor, durable.FrontDoor);
        Assert.False(new RequestIdGenerator(1, DateTimeOffset.UnixEpoch).Next().IsDurable);
    }
}
