"""Python's grpcio against our server, after gRPC's own list of interoperability cases. Arguments: descriptor file, host:port."""
import concurrent.futures
import itertools
import os
import sys
import time

import grpc
from common import SERVICE, TestReply, TestRequest, fails, run_cases

ADDRESS = sys.argv[2]
SILENCE = float(os.environ.get("INTEROP_SILENCE", "20"))
SPECIAL = "100 % of\ttest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
BOUND = 60
Code = grpc.StatusCode

channel = grpc.insecure_channel(ADDRESS)


def method(kind, name, on=channel):
    return getattr(on, kind)(SERVICE + name, request_serializer=TestRequest.SerializeToString, response_deserializer=TestReply.FromString)


unary = method("unary_unary", "Unary")
server_stream = method("unary_stream", "ServerStream")
client_stream = method("stream_unary", "ClientStream")
duplex = method("stream_stream", "Duplex")


def empty_unary():
    assert unary(TestRequest(), timeout=BOUND).count == 1


def large_unary():
    reply = unary(TestRequest(body=bytes(271828), size=314159), timeout=BOUND)
    assert (reply.bytes, len(reply.body)) == (271828, 314159)


def server_streaming():
    counts = [m.count for m in server_stream(TestRequest(count=1000, size=3000), timeout=BOUND)]
    assert counts == list(range(1000))


def client_streaming():
    reply = client_stream(iter([TestRequest(body=bytes(n)) for n in (27182, 8, 1828, 45904)]), timeout=BOUND)
    assert (reply.count, reply.bytes) == (4, 74922)


def full_duplex_streaming():
    replies = duplex((TestRequest(size=n) for n in range(1, 1001)), timeout=BOUND)
    assert [len(m.body) for m in replies] == list(range(1, 1001))


def ping_pong():
    import queue
    sizes = queue.Queue()
    call = duplex(iter(sizes.get, None), timeout=BOUND)
    for size in range(1, 101):
        sizes.put(TestRequest(size=size))
        assert len(next(call).body) == size
    sizes.put(None)
    assert list(call) == []
    assert call.code() == Code.OK


def empty_stream():
    assert list(duplex(iter(()), timeout=BOUND)) == []


def cancel_after_begin():
    call = client_stream.future(slowly(TestRequest(), BOUND))
    call.cancel()
    assert call.cancelled()


def own(what):
    """What the server's own act is: to answer once a waiting handler has been told that its caller is gone, or to die."""
    return unary(TestRequest(act="own"), metadata=(("x-own", what),), timeout=BOUND)


def cancel_after_first_response_and_the_server_hears_of_it():
    call = server_stream(TestRequest(count=1, act="wait"), timeout=BOUND)
    next(call)
    call.cancel()
    fails(Code.CANCELLED, lambda: next(call))
    own("heard")


def timeout_on_a_sleeping_server():
    fails(Code.DEADLINE_EXCEEDED, lambda: list(server_stream(TestRequest(act="wait"), timeout=0.2)))


def a_deadline_that_fires_during_a_write():
    # The server's: nobody reads what it writes. A message is read only when it is asked for.
    down = server_stream(TestRequest(count=1000, size=1 << 20), timeout=0.5)
    next(down)
    time.sleep(0.6)
    fails(Code.DEADLINE_EXCEEDED, lambda: list(down))
    # Ours: the handler waits instead of reading.
    large = TestRequest(body=bytes(1 << 20))
    fails(Code.DEADLINE_EXCEEDED, lambda: client_stream(itertools.chain([TestRequest(act="wait")], itertools.repeat(large, 1000)), timeout=0.5))
    empty_unary()


def status_code_and_message():
    request = TestRequest(status=Code.FAILED_PRECONDITION.value[0], detail=SPECIAL)
    assert fails(Code.FAILED_PRECONDITION, lambda: unary(request, timeout=BOUND)).details() == SPECIAL
    request.count = 2
    call = server_stream(request, timeout=BOUND)
    assert [next(call).count, next(call).count] == [0, 1]
    assert fails(Code.FAILED_PRECONDITION, lambda: next(call)).details() == SPECIAL
    assert ("x-why", "asked") in call.trailing_metadata()


def an_exception_of_a_handler_tells_nothing():
    assert fails(Code.UNKNOWN, lambda: unary(TestRequest(act="throw"), timeout=BOUND)).details() == "Exception was thrown by handler."


def custom_metadata():
    sent = (("x-echo-text", "some text"), ("x-echo-bytes-bin", b"\xab\xab\xab\x00\xff"))
    _, call = unary.with_call(TestRequest(act="echo-metadata"), metadata=sent, timeout=BOUND)
    for received in (call.initial_metadata(), call.trailing_metadata()):
        assert set(sent) <= set((k, v) for k, v in received), received


def unimplemented_method():
    fails(Code.UNIMPLEMENTED, lambda: method("unary_unary", "Unwritten")(TestRequest(), timeout=BOUND))


def unimplemented_service():
    assert fails(Code.UNIMPLEMENTED, lambda: channel.unary_unary("/no.such.Service/Nothing")(b"\x01", timeout=BOUND)).details() == "Service is unimplemented."


def a_message_over_the_size_limit():
    fails(Code.RESOURCE_EXHAUSTED, lambda: unary(TestRequest(body=bytes(5 << 20)), timeout=BOUND))
    fails(Code.RESOURCE_EXHAUSTED, lambda: unary(TestRequest(size=5 << 20), timeout=BOUND))
    empty_unary()


def compressed_requests():
    for how in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        assert unary(TestRequest(body=bytes(100000)), compression=how, timeout=BOUND).bytes == 100000


def a_thousand_calls_on_one_connection():
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        sizes = list(pool.map(lambda n: len(unary(TestRequest(size=n), timeout=BOUND).body), range(1, 1001)))
    assert sizes == list(range(1, 1001))


def a_hundred_megabytes_through_one_stream():
    assert sum(len(m.body) for m in server_stream(TestRequest(count=100, size=1 << 20), timeout=BOUND)) == 100 << 20
    assert client_stream(itertools.repeat(TestRequest(body=bytes(1 << 20)), 100), timeout=BOUND).bytes == 100 << 20


def slowly(first, seconds, *rest):
    yield first
    time.sleep(seconds)
    yield from rest


def say_nothing():
    """On a connection of its own: what others send would hide a limit that counts bytes per second. Begun first, judged late."""
    message = TestRequest(body=bytes(10))
    with grpc.insecure_channel(ADDRESS, (("grpc.use_local_subchannel_pool", 1),)) as other:
        return method("stream_unary", "ClientStream", other)(slowly(message, SILENCE, message), timeout=BOUND + SILENCE).count


def silence_in_a_client_stream():
    assert silence.result() == 2


def a_server_that_goes_away_in_mid_call():
    call = server_stream(TestRequest(count=1, act="wait"), timeout=BOUND)
    next(call)
    fails(Code.UNAVAILABLE, lambda: own("die"))
    fails(Code.UNAVAILABLE, lambda: next(call))
    fails(Code.UNAVAILABLE, empty_unary)


silence = concurrent.futures.ThreadPoolExecutor(1).submit(say_nothing)
failed = run_cases(f"grpcio client, {os.environ.get('INTEROP_DOTNET', '.net')} server", [
    empty_unary, large_unary, server_streaming, client_streaming, full_duplex_streaming, ping_pong, empty_stream, cancel_after_begin,
    cancel_after_first_response_and_the_server_hears_of_it, timeout_on_a_sleeping_server, a_deadline_that_fires_during_a_write,
    status_code_and_message, an_exception_of_a_handler_tells_nothing, custom_metadata, unimplemented_method, unimplemented_service,
    a_message_over_the_size_limit, compressed_requests, a_thousand_calls_on_one_connection, a_hundred_megabytes_through_one_stream,
    silence_in_a_client_stream, a_server_that_goes_away_in_mid_call,
])
# Requests that sleep between two messages have threads of their own, which must not keep the program.
os._exit(1 if failed else 0)
