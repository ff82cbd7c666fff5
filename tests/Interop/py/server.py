"""The test service as Python's grpcio serves it, until its input ends. Argument: descriptor file. Prints "listening host:port"."""
import concurrent.futures
import os
import sys
import threading

import grpc
from common import SERVICE, TestReply, TestRequest


heard = threading.Event()


def own(context):
    """To answer once a waiting handler has been told that its caller is gone, or to die."""
    if ("x-own", "heard") not in context.invocation_metadata():
        os._exit(1)
    heard.wait(60)


def act(request, context):
    if request.act == "own":
        own(context)
    elif request.act == "gzip":
        context.set_compression(grpc.Compression.Gzip)
    elif request.act == "echo-metadata":
        echoed = tuple((k, v) for k, v in context.invocation_metadata() if k.startswith("x-echo"))
        context.send_initial_metadata(echoed)
        context.set_trailing_metadata(echoed)
    elif request.act == "wait":
        gone = threading.Event()
        if context.add_callback(gone.set):
            gone.wait(60)
        heard.set()
    if request.status:
        context.set_trailing_metadata((("x-why", "asked"),))
        context.abort(next(c for c in grpc.StatusCode if c.value[0] == request.status), request.detail)


def unary(request, context):
    act(request, context)
    return TestReply(body=bytes(request.size) or request.body, count=1, bytes=len(request.body))


def server_stream(request, context):
    for i in range(request.count):
        yield TestReply(body=bytes(request.size), count=i)
    act(request, context)


def client_stream(requests, context):
    reply = TestReply()
    for request in requests:
        act(request, context)
        reply.count += 1
        reply.bytes += len(request.body)
    return reply


def duplex(requests, context):
    for request in requests:
        act(request, context)
        yield TestReply(body=bytes(request.size) or request.body)


class Handlers(grpc.GenericRpcHandler):
    kinds = {
        "Unary": (grpc.unary_unary_rpc_method_handler, unary),
        "ServerStream": (grpc.unary_stream_rpc_method_handler, server_stream),
        "ClientStream": (grpc.stream_unary_rpc_method_handler, client_stream),
        "Duplex": (grpc.stream_stream_rpc_method_handler, duplex),
    }

    def service(self, details):
        found = self.kinds.get(details.method.removeprefix(SERVICE))
        return found and found[0](found[1], request_deserializer=TestRequest.FromString, response_serializer=TestReply.SerializeToString)


server = grpc.server(concurrent.futures.ThreadPoolExecutor(32))
server.add_generic_rpc_handlers((Handlers(),))
print(f"listening 127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
server.start()
sys.stdin.read()
os._exit(0)
