"""An agent and a caller with Python's grpcio against a running gateway. Arguments: host:port, descriptor file."""
import concurrent.futures
import os
import queue
import re
import sys
import time

import grpc
from common import fails, message, run_cases

ADDRESS = sys.argv[1]
SILENCE = float(os.environ.get("INTEROP_SILENCE", "20"))
BOUND = 60
MIB = 1 << 20
Code = grpc.StatusCode
SubscriberInfo, AgentRequest, AgentResponse, Empty = (
    message("switchboard.v1." + n) for n in ("SubscriberInfo", "AgentRequest", "AgentResponse", "Empty"))
NAMES = "/switchboard.v1.AgentGateway/"


class Gateway:
    """The three calls, on a connection of their own."""

    def __init__(self):
        self.channel = grpc.insecure_channel(ADDRESS, options=(("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)))
        self.subscribe = self.method("unary_stream", "AgentRequestSubscribe", SubscriberInfo, AgentRequest)
        self.respond = self.method("stream_unary", "AgentResponsePublish", AgentResponse, Empty)
        self.publish = self.method("unary_stream", "AgentRequestPublish", AgentRequest, AgentResponse)

    def method(self, kind, name, request, response):
        return getattr(self.channel, kind)(
            NAMES + name, request_serializer=request.SerializeToString, response_deserializer=response.FromString)


class Agent:
    numbers = iter(range(1, 1000))

    def __init__(self, agent_id=None):
        self.id = agent_id or f"py-{os.getpid()}-{next(Agent.numbers)}"
        self.gateway = Gateway()
        self.answers = []
        self.stream = self.gateway.subscribe(SubscriberInfo(agent_id=self.id), timeout=BOUND + SILENCE)
        first = next(self.stream)
        assert first.control.WhichOneof("kind") == "welcome" and not first.id, first
        self.session = first.control.welcome.session_id
        assert self.session > 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.cancel()
        self.gateway.channel.close()

    def request(self):
        return next(m for m in self.stream if m.id)

    def control(self, kind):
        return next(getattr(m.control, kind) for m in self.stream if m.control.WhichOneof("kind") == kind)

    def answer(self, request, messages, **more):
        metadata = (("request-id", request.id), ("session-id", str(self.session)))
        # Kept: grpcio cancels a call that nobody refers to any more.
        self.answers.append(self.gateway.respond.future(iter(messages), metadata=metadata, timeout=BOUND + SILENCE, **more))
        return self.answers[-1]


gateway = Gateway()


def ask(agent_id, body=b"hello", timeout=BOUND, compression=None, **more):
    return gateway.publish(AgentRequest(agent_id=agent_id, method="say", body=body, **more), timeout=timeout, compression=compression)


def ends(call, code, reason=None, sent=None):
    error = fails(code, lambda: list(call))
    trailers = dict(error.trailing_metadata())
    assert reason is None or trailers.get("switchboard-reason") == reason, trailers
    assert sent is None or trailers.get("switchboard-sent") == sent, trailers
    return error


def a_request_and_its_streamed_answer():
    with Agent() as agent:
        call = ask(agent.id, headers={"a": "b"})
        request = agent.request()
        assert (request.method, request.headers["a"], request.body, request.session_id) == ("say", "b", b"hello", agent.session)
        assert re.fullmatch("[0-9a-f]{16}", request.id), request.id
        assert dict(call.initial_metadata())["request-id"] == request.id
        done = agent.answer(request, [AgentResponse(status=201, body=b"one"), AgentResponse(body=b"two"), AgentResponse(body=b"three")])
        messages = list(call)
        assert messages[0].status == 201 and [m.body for m in messages] == [b"one", b"two", b"three"]
        assert done.result(BOUND) == Empty()


def an_answer_of_a_thousand_messages():
    with Agent() as agent:
        call = ask(agent.id)
        agent.answer(agent.request(), (AgentResponse(body=b"%d" % i) for i in range(1000)))
        assert [m.body for m in call] == [b"%d" % i for i in range(1000)]


def an_answer_without_a_message_is_an_empty_200():
    with Agent() as agent:
        call = ask(agent.id)
        agent.answer(agent.request(), [])
        assert all(m.status in (0, 200) and not m.body for m in call)


def a_caller_that_goes_away_is_heard_by_the_agent():
    with Agent() as agent:
        call = ask(agent.id)
        request = agent.request()
        parts = queue.Queue()
        done = agent.answer(request, iter(parts.get, None))
        parts.put(AgentResponse(body=b"one"))
        assert next(call).body == b"one"
        call.cancel()
        assert agent.control("cancel").request_id == request.id
        fails(Code.CANCELLED, lambda: done.result(BOUND))
        parts.put(None)


def nobody_subscribed():
    assert ends(ask("py-nobody"), Code.NOT_FOUND, "agent-offline", "no").details() == "No agent subscribed for this id"


def an_agent_id_that_cannot_be():
    ends(ask("-no-"), Code.INVALID_ARGUMENT, "bad-request", "no")


def an_answer_without_a_request_id_and_to_an_unknown_one():
    def respond(**more):
        gateway.respond(iter(()), timeout=BOUND, **more)
    assert fails(Code.UNAUTHENTICATED, respond).details() == "Missing request id"
    unknown = (("request-id", "00ff00ff00ff00ff"), ("session-id", "1"))
    assert fails(Code.NOT_FOUND, lambda: respond(metadata=unknown)).details() == "Request Id not found"


def an_agent_that_does_not_answer_in_time():
    with Agent() as agent:
        request = AgentRequest(agent_id=agent.id, method="say")
        request.timeout.nanos = 300_000_000
        ends(gateway.publish(request, timeout=BOUND), Code.DEADLINE_EXCEEDED, "first-message-timeout", "yes")
        assert agent.control("cancel").request_id


def an_agent_that_says_that_it_failed():
    with Agent() as agent:
        call = ask(agent.id)
        agent.answer(agent.request(), [AgentResponse(error="broken")])
        ends(call, Code.ABORTED, "agent-failed", "yes")


def an_agent_that_goes_away():
    with Agent() as agent:
        call = ask(agent.id)
        agent.request()
    assert ends(call, Code.CANCELLED, "agent-disconnected", "yes").details() == "agent disconnected"


def a_newer_session_displaces_the_older():
    with Agent() as older, Agent(older.id) as newer:
        assert older.control("go_away").reason == "displaced"
        assert list(older.stream) == [] and older.stream.code() == Code.OK
        call = ask(newer.id)
        newer.answer(newer.request(), [AgentResponse(body=b"newer")])
        assert next(call).body == b"newer"


def a_request_over_4_mib():
    with Agent() as agent:
        ends(ask(agent.id, body=bytes(4 << 20)), Code.RESOURCE_EXHAUSTED)


def a_message_of_an_answer_over_4_mib():
    with Agent() as agent:
        call = ask(agent.id)
        done = agent.answer(agent.request(), [AgentResponse(body=bytes(4 * MIB))])
        ends(call, Code.RESOURCE_EXHAUSTED, "too-large", "yes")
        fails(Code.RESOURCE_EXHAUSTED, lambda: done.result(BOUND))


def a_callers_own_deadline():
    with Agent() as agent:
        ends(ask(agent.id, timeout=0.5), Code.DEADLINE_EXCEEDED)
        assert agent.control("cancel").request_id


def gzip_and_deflate_from_the_caller_and_from_the_agent():
    for how in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        with Agent() as agent:
            call = ask(agent.id, body=bytes(100_000), compression=how)
            request = agent.request()
            assert len(request.body) == 100_000
            agent.answer(request, [AgentResponse(body=bytes(n)) for n in (200_000, 300_000)], compression=how)
            assert [len(m.body) for m in call] == [200_000, 300_000]


def a_method_that_there_is_not():
    fails(Code.UNIMPLEMENTED, lambda: list(gateway.method("unary_stream", "Nothing", Empty, Empty)(Empty(), timeout=BOUND)))


def a_thousand_calls_on_one_connection():
    with Agent() as agent:
        calls = [ask(agent.id, body=b"%d" % i) for i in range(1000)]
        for _ in calls:
            request = agent.request()
            agent.answer(request, [AgentResponse(body=request.body)])
        assert [next(call).body for call in calls] == [b"%d" % i for i in range(1000)]


def a_hundred_megabytes_through_one_answer():
    with Agent() as agent:
        call = ask(agent.id)
        done = agent.answer(agent.request(), (AgentResponse(body=bytes(MIB)) for _ in range(100)))
        assert sum(len(m.body) for m in call) == 100 * MIB
        assert done.result(BOUND) == Empty()


def say_nothing():
    """Begun first, judged late. The agent has its connection to itself: what others send would hide a limit that counts bytes per second."""
    def parts():
        yield AgentResponse(body=b"one")
        time.sleep(SILENCE)
        yield AgentResponse(body=b"two")

    with Agent() as agent:
        call = ask(agent.id, timeout=BOUND + SILENCE)
        done = agent.answer(agent.request(), parts())
        return [m.body for m in call], done.result(BOUND)


def silence_in_an_open_answer_call():
    assert silence.result() == ([b"one", b"two"], Empty())


silence = concurrent.futures.ThreadPoolExecutor(1).submit(say_nothing)
run_cases("grpcio", [
    a_request_and_its_streamed_answer, an_answer_of_a_thousand_messages, an_answer_without_a_message_is_an_empty_200,
    a_caller_that_goes_away_is_heard_by_the_agent, nobody_subscribed, an_agent_id_that_cannot_be,
    an_answer_without_a_request_id_and_to_an_unknown_one, an_agent_that_does_not_answer_in_time, an_agent_that_says_that_it_failed,
    an_agent_that_goes_away, a_newer_session_displaces_the_older, a_request_over_4_mib, a_message_of_an_answer_over_4_mib,
    a_callers_own_deadline, gzip_and_deflate_from_the_caller_and_from_the_agent, a_method_that_there_is_not,
    a_thousand_calls_on_one_connection, a_hundred_megabytes_through_one_answer, silence_in_an_open_answer_call,
])
# Requests that sleep between two messages have threads of their own, which must not keep the program.
os._exit(0)
