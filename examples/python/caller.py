"""A caller: sends one request and prints the answer as it comes. Usage: python caller.py agent-id [text]"""
import os
import sys

import grpc
from google.protobuf.duration_pb2 import Duration
from switchboard.v1 import agent_gateway_pb2 as pb
from switchboard.v1 import agent_gateway_pb2_grpc as rpc

ADDRESS = os.environ.get("SWITCHBOARD_GRPC_URL", "http://127.0.0.1:8081").removeprefix("http://")


def main(agent_id, text):
    with grpc.insecure_channel(ADDRESS) as channel:
        call = rpc.AgentGatewayStub(channel).AgentRequestPublish(
            pb.AgentRequest(agent_id=agent_id, method="say", body=text.encode(), timeout=Duration(seconds=10))
        )
        try:
            if request_id := dict(call.initial_metadata()).get("request-id"):
                print("request", request_id, file=sys.stderr)
            for message in call:
                sys.stdout.buffer.write(message.body)
                sys.stdout.buffer.flush()
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            reason, sent = trailers.get("switchboard-reason"), trailers.get("switchboard-sent")
            sys.exit(f"{error.code().name}: {error.details()} (reason {reason}, sent to the agent: {sent})")
    print()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "python-agent", sys.argv[2] if len(sys.argv) > 2 else "hello")
