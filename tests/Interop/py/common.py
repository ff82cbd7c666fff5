"""Messages from the description in the file that is argument 2: no code is generated."""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def load(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as f:
        files.ParseFromString(f.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(name))


message = load(sys.argv[2])


def run_cases(label, cases):
    """Runs one after the other; each is reported, whatever it threw."""
    for case in cases:
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {label}: {name}", flush=True)
        except Exception as e:
            print(f"FAIL {label}: {name}: {type(e).__name__} {' '.join(str(e).split())}", flush=True)


def fails(code, call):
    try:
        call()
    except grpc.RpcError as e:
        assert e.code() == code, e
        return e
    raise AssertionError(f"{code} was expected, not OK")
