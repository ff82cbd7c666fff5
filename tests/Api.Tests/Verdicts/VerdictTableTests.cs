using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Tests.Verdicts;

/// <summary>The one table of verdicts.</summary>
public sealed partial class VerdictTableTests
{
    public static TheoryData<Verdict> All => [.. Enum.GetValues<Verdict>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_verdict_has_a_reason_named_like_it(Verdict verdict)
    {
        var expected = UpperCase().Replace(
            $"{verdict}", static m => (m.Index == 0 ? "" : "-") + m.Value.ToLower(CultureInfo.InvariantCulture));

        var info = VerdictTable.Get(verdict);

        Assert.Equal(expected, info.Reason);
        Assert.NotEmpty(info.Title);
        Assert.InRange(info.HttpStatus, 200, 599);
        Assert.Equal(verdict == Verdict.Answered, info.GrpcStatus == StatusCode.OK);
    }

    /// <summary>W11: what ends for different reasons has different words, and codes where DESIGN.md says so.</summary>
    [Fact]
    public void Reasons_differ()
    {
        var reasons = Enum.GetValues<Verdict>().Select(static v => VerdictTable.Get(v).Reason).ToList();

        Assert.Equal(reasons.Count, reasons.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_was_not_sent_may_be_sent_again_or_never(Verdict verdict)
    {
        var info = VerdictTable.Get(verdict);

        Assert.True(info.Sent != false || info.Retry is Retry.Safe or Retry.Never, "not sent, so its outcome is known");
        Assert.True(info.Retry != Retry.Safe || info.Sent == false, "only what was not sent is safe");
        Assert.True(info.RetryAfterSeconds is null || info.Retry == Retry.Safe);
    }

    [Fact]
    public void Grpc_tells_reason_and_whether_it_was_sent()
    {
        var error = GrpcError.Of(Verdict.AgentDisconnected, "whatever", sent: true, new RequestId(255)).ToException();

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal("agent disconnected", error.Status.Detail);
        Assert.Equal("agent-disconnected", error.Trailers.GetValue("switchboard-reason"));
        Assert.Equal("yes", error.Trailers.GetValue("switchboard-sent"));
        Assert.Equal("00000000000000ff", error.Trailers.GetValue("request-id"));
    }

    [Fact]
    public void Grpc_tells_nothing_of_what_went_wrong_inside()
    {
        var error = GrpcError.Of(Verdict.Internal, "secret").ToException();

        Assert.Equal("internal", error.Status.Detail);
        Assert.Null(error.Trailers.GetValue("switchboard-sent"));
    }

    [Theory]
    [InlineData(Verdict.AgentOffline)]
    [InlineData(Verdict.AgentUnknown)]
    public void An_absent_agent_has_the_words_that_clients_look_for(Verdict verdict)
    {
        var error = GrpcError.Of(verdict, "").ToException();

        Assert.Equal(StatusCode.NotFound, error.StatusCode);
        Assert.Equal("No agent subscribed for this id", error.Status.Detail);
        Assert.Equal("no", error.Trailers.GetValue("switchboard-sent"));
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex UpperCase();
}
