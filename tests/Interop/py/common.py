"""Messages from the description that the .NET program wrote (argument 1 of each script): nothing is generated, no protoc is needed."""
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "/switchboard.compat.test.TestService/"


def messages(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as f:
        files.ParseFromString(f.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return [factory.GetPrototype(pool.FindMessageTypeByName("switchboard.compat.test." + n)) for n in ("TestRequest", "TestReply")]


TestRequest, TestReply = messages(sys.argv[1])
