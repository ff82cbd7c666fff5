'use strict';
// gRPC's frame and the few fields of the test messages that raw-client.js and raw-server.js need, by hand: no package, no generated code.
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const field = (number, bytes) => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);

// TestRequest { body = 1, act = 6 }, TestReply { count = 2 }
const request = ({ act = '', body = Buffer.alloc(0) } = {}) => Buffer.concat([field(1, body), field(6, Buffer.from(act))]);
const reply = (count) => Buffer.concat([varint(2 << 3), varint(count)]);

function frame(message, flag = 0, length = message.length) {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}

// Each byte a DATA frame of its own.
async function writeInPieces(stream, bytes) {
  for (const byte of bytes) await new Promise((resolve) => stream.write(Buffer.from([byte]), resolve));
}

module.exports = { request, reply, frame, writeInPieces };
