using System.Globalization;
using System.Text;
using Grpc.Core;
using Switchboard.Client.Serving;
using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Serving;

/// <summary>Tests what an agent sends in response to a request, and when its handler is cancelled.</summary>
public class ResponseTests
{
    [Fact]
    public async Task A_response_streams_with_its_metadata_and_its_head_in_the_first_message_only()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, async (request, response, cancelled) =>
        {
            response.Status = 201;
            response.Headers["x-method"] = request.Method;
            await response.WriteAsync(request.Body, cancelled);
            Assert.Throws<InvalidOperationException>(() => response.Status = 202);
            await response.WriteAsync("second"u8.ToArray(), cancelled);
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1", "first", "do");

        var call = await gateway.NextResponseAsync();
        var messages = await call.AllAsync();
        Assert.Equal(("r1", session.Id.ToString(CultureInfo.InvariantCulture)), (call.RequestId, call.SessionId));
        Assert.Equal(["first", "second"], messages.Select(m => m.Body.ToStringUtf8()));
        Assert.Equal((201u, "do"), (messages[0].Status, messages[0].Headers["x-method"]));
        Assert.Equal((0u, 0), (messages[1].Status, messages[1].Headers.Count));
    }

    [Fact]
    public async Task A_handler_that_writes_nothing_half_closes_and_one_that_set_a_status_sends_it()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, (request, response, _) =>
        {
            response.Status = request.Method == "status" ? 404 : 200;
            return Task.CompletedTask;
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1");
        Assert.Empty(await (await gateway.NextResponseAsync()).AllAsync());
        session.Request("r2", method: "status");
        Assert.Equal(404u, Assert.Single(await (await gateway.NextResponseAsync()).AllAsync()).Status);
    }

    [Theory]
    [InlineData("throws at once")]
    [InlineData("throws later")]
    public async Task A_handler_that_throws_fails_its_request_and_its_words_stay_with_the_agent(string when)
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, async (_, response, cancelled) =>
        {
            if (when == "throws later")
            {
                await response.WriteAsync("begun"u8.ToArray(), cancelled);
            }

            throw new InvalidDataException("the password is hunter2");
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1");
        var messages = await (await gateway.NextResponseAsync()).AllAsync();
        Assert.NotEmpty(messages[^1].Error);
        Assert.DoesNotContain("hunter2", messages[^1].Error, StringComparison.Ordinal);

        // It is this request's failure and not the agent's.
        session.Request("r2");
        Assert.Equal("r2", (await gateway.NextResponseAsync()).RequestId);
    }

    [Fact]
    public async Task Fail_sends_the_handlers_own_words()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, (_, response, cancelled) => response.FailAsync("no paper", cancelled));
        (await gateway.NextSessionAsync()).Request("r1");
        Assert.Equal("no paper", Assert.Single(await (await gateway.NextResponseAsync()).AllAsync()).Error);
    }

    [Fact]
    public async Task A_cancel_on_the_subscription_cancels_that_handler_and_no_other()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var cancelled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (request, response, token) =>
        {
            await response.WriteAsync("begun"u8.ToArray(), token);
            using (token.Register(() => cancelled.TrySetResult(request.Id)))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        });
        var session = await gateway.NextSessionAsync();
        session.Request("r1");
        var first = await gateway.NextResponseAsync();
        await first.NextAsync();
        session.Request("r2");
        await (await gateway.NextResponseAsync()).NextAsync();
        session.Cancel("r1");
        Assert.Equal("r1", await cancelled.Task.DefaultTimeout());
        // Its call breaks off, and is not half-closed as if it were whole.
        await Assert.ThrowsAnyAsync<Exception>(first.AllAsync);
    }

    [Theory]
    [InlineData(StatusCode.Cancelled)]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.Aborted)]
    public async Task A_handler_hears_that_the_gateway_ended_its_response_without_writing_again(StatusCode status)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (_, response, token) =>
        {
            await response.WriteAsync("begun"u8.ToArray(), token);
            using (token.Register(() => cancelled.TrySetResult()))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        });
        (await gateway.NextSessionAsync()).Request("r1");
        var call = await gateway.NextResponseAsync();
        await call.NextAsync();
        call.EndWith(status);
        await cancelled.Task.DefaultTimeout();
    }

    [Fact]
    public async Task A_write_to_a_response_that_the_gateway_has_ended_is_a_cancellation()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var thrown = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (_, response, token) =>
        {
            try
            {
                while (true)
                {
                    await response.WriteAsync(new byte[1024], CancellationToken.None);
                }
            }
            catch (Exception error)
            {
                thrown.TrySetResult(error);
                Assert.True(token.IsCancellationRequested);
                throw;
            }
        });
        (await gateway.NextSessionAsync()).Request("r1");
        (await gateway.NextResponseAsync()).EndWith(StatusCode.Aborted);
        Assert.IsAssignableFrom<OperationCanceledException>(await thrown.Task.DefaultTimeout());
    }

    [Fact]
    public async Task A_large_part_goes_as_several_messages_and_arrives_whole()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var body = new byte[(3 * ResponseCall.MaxChunkBytes) + 17];
        new Random(1).NextBytes(body);
        await using var agent = RunningAgent.Start(gateway, (_, response, token) => response.WriteAsync(body, token));
        (await gateway.NextSessionAsync()).Request("r1");
        var messages = await (await gateway.NextResponseAsync()).AllAsync();
        Assert.Equal(4, messages.Count);
        Assert.Equal(body, messages.SelectMany(m => m.Body.ToByteArray()));
    }

    [Fact]
    public async Task Handlers_that_ignore_their_cancellation_fill_the_agent_and_it_says_so_at_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, (_, _, _) => hold.Task, o => o with { MaxInFlight = 1 });
        var session = await gateway.NextSessionAsync();
        Assert.Equal(1u, session.Info.MaxInFlight);
        session.Request("r1");
        session.Cancel("r1");
        session.Request("r2");
        session.Cancel("r2");
        session.Request("r3");
        var refused = await gateway.NextResponseAsync();
        Assert.Equal(("r3", 503u), (refused.RequestId, Assert.Single(await refused.AllAsync()).Status));
        hold.SetResult();
    }

    [Fact]
    public async Task Two_writes_at_once_are_a_mistake_of_the_handler()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var second = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = RunningAgent.Start(gateway, async (_, response, token) =>
        {
            // Larger than any window, and the gateway does not read until the second write was tried.
            var first = response.WriteAsync(new byte[ResponseCall.MaxChunkBytes], token);
            second.SetResult(await Record.ExceptionAsync(() => response.WriteAsync(Encoding.UTF8.GetBytes("x"), token)));
            await first;
        });
        (await gateway.NextSessionAsync()).Request("r1");
        Assert.IsType<InvalidOperationException>(await second.Task.DefaultTimeout());
    }
}
