// An agent: answers every request with its body, in two parts. Usage: node agent.js [agent-id]
import { setTimeout as sleep } from "node:timers/promises";
import grpc from "@grpc/grpc-js";
import { connect, seconds } from "./gateway.js";

const agentId = process.argv[2] ?? "node-agent";

function answer(gateway, request, sessionId, done) {
  const metadata = new grpc.Metadata();
  metadata.set("request-id", request.id);
  metadata.set("session-id", sessionId);
  const call = gateway.AgentResponsePublish(metadata, (error) => {
    if (error) console.log(`request ${request.id}: nobody waits for the answer any more (${grpc.status[error.code]})`);
    done();
  });
  call.write({ status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from("you said: ") });
  call.write({ body: request.body });
  call.end();
  return call;
}

// One subscription. Resolves to how many seconds to stay away, or null for ever.
function serve(gateway) {
  return new Promise((resolve) => {
    const running = new Map();
    const stream = gateway.AgentRequestSubscribe({ agent_id: agentId, software_version: "node-example" });
    let sessionId = "0";
    let away = 0;
    let silence = 15;
    let watch;
    const heard = () => {
      clearTimeout(watch);
      // No message for 2.5 heartbeats: the connection is dead, although nobody said so.
      if (silence > 0) watch = setTimeout(() => stream.cancel(), silence * 1000);
    };
    heard();
    stream.on("data", (message) => {
      const control = message.control;
      if (control?.welcome) {
        sessionId = control.welcome.session_id;
        silence = 2.5 * seconds(control.welcome.heartbeat_interval);
        console.log(`connected as ${agentId}`);
      } else if (control?.cancel) {
        running.get(control.cancel.request_id)?.cancel();
      } else if (control?.go_away) {
        const { reason, reconnect_after: after } = control.go_away;
        console.log(`told to go away: ${reason}`);
        // Displaced: another process has this id; taking it back at once would go on for ever.
        const forGood = reason === "displaced" || (!after && reason !== "draining");
        away = forGood ? null : seconds(after);
      } else if (message.id) {
        running.set(message.id, answer(gateway, message, sessionId, () => running.delete(message.id)));
      }
      heard();
    });
    const end = () => {
      clearTimeout(watch);
      resolve(away);
    };
    stream.on("error", (error) => {
      console.log(`connection lost: ${error.details}`);
      end();
    });
    stream.on("end", end);
  });
}

const gateway = connect();
let wait = 0.25;
for (;;) {
  const began = performance.now();
  const away = await serve(gateway);
  if (away === null) break;
  wait = performance.now() - began > 10_000 ? 0.25 : Math.min(2 * wait, 30);
  await sleep(1000 * (away + 0.25 + Math.random() * (wait - 0.25)));
}
gateway.close();
