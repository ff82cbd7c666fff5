"""An agent: answers every request with its body, in two parts. Usage: python agent.py [agent-id]"""
import asyncio
import os
import random
import sys

import grpc
from switchboard.v1 import agent_gateway_pb2 as pb
from switchboard.v1 import agent_gateway_pb2_grpc as rpc

ADDRESS = os.environ.get("SWITCHBOARD_GRPC_URL", "http://127.0.0.1:8081").removeprefix("http://")


async def answer(stub, request, session_id):
    async def parts():
        yield pb.AgentResponse(status=200, headers={"content-type": "text/plain"}, body=b"you said: ")
        yield pb.AgentResponse(body=request.body)

    try:
        await stub.AgentResponsePublish(
            parts(), metadata=(("request-id", request.id), ("session-id", str(session_id)))
        )
    except grpc.aio.AioRpcError as error:
        print(f"request {request.id}: nobody waits for the answer any more ({error.code().name})")


async def serve(stub, agent_id):
    """One subscription. Returns how many seconds to stay away, or None for ever."""
    stream = stub.AgentRequestSubscribe(pb.SubscriberInfo(agent_id=agent_id, software_version="python-example"))
    running, session_id, silence, away = {}, 0, 15.0, 0.0
    try:
        # No message for 2.5 heartbeats: the connection is dead, although nobody said so.
        while (message := await asyncio.wait_for(stream.read(), silence)) is not grpc.aio.EOF:
            kind = message.control.WhichOneof("kind")
            if message.id:
                task = asyncio.create_task(answer(stub, message, session_id))
                running[message.id] = task
                task.add_done_callback(lambda _, request_id=message.id: running.pop(request_id, None))
            elif kind == "welcome":
                session_id = message.control.welcome.session_id
                silence = 2.5 * message.control.welcome.heartbeat_interval.ToTimedelta().total_seconds() or None
                print(f"connected as {agent_id}", flush=True)
            elif kind == "cancel" and message.control.cancel.request_id in running:
                running[message.control.cancel.request_id].cancel()
            elif kind == "go_away":
                go_away = message.control.go_away
                print(f"told to go away: {go_away.reason}")
                if go_away.reason == "displaced":
                    away = None  # another process has this id; taking it back at once would go on for ever
                elif go_away.HasField("reconnect_after"):
                    away = go_away.reconnect_after.ToTimedelta().total_seconds()
                elif go_away.reason != "draining":
                    away = None
    except (grpc.aio.AioRpcError, asyncio.TimeoutError) as error:
        print(f"connection lost: {error.details() if isinstance(error, grpc.RpcError) else 'silence'}")
    finally:
        stream.cancel()
        # An answer under way may go on; its call ends with it.
        await asyncio.gather(*running.values(), return_exceptions=True)
    return away


async def main(agent_id):
    wait = 0.25
    # Pings find a connection that died without a word.
    options = (("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 20_000))
    async with grpc.aio.insecure_channel(ADDRESS, options=options) as channel:
        stub = rpc.AgentGatewayStub(channel)
        while True:
            began = asyncio.get_running_loop().time()
            away = await serve(stub, agent_id)
            if away is None:
                return
            held = asyncio.get_running_loop().time() - began > 10
            wait = 0.25 if held else min(2 * wait, 30)
            await asyncio.sleep(away + random.uniform(0.25, wait))


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "python-agent"))
    except KeyboardInterrupt:
        pass
