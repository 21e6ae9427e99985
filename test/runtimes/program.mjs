/**
 * What every runtime must print alike: a part of each door, with numbers that would show a
 * difference in arithmetic, in order or in the kernels.
 */
import { FairleadError, SeededRandom, VirtualClock } from "fairlead/base";
import { encodeRecord } from "fairlead/http";
import { Resources } from "fairlead/resources";
import { connect, task as describeTask, match } from "fairlead/scheduler";

const random = new SeededRandom(42);
console.log(`random ${[random.u32(), random.u32(), random.next()].join(" ")}`);
console.log(`shuffled ${random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]).join(" ")}`);

const clock = new VirtualClock();
const woken = clock.sleep(90_000).then(() => clock.nowMs());
await clock.advance(120_000);
console.log(`slept until ${(await woken) - clock.nowMs()} ms`);

const agent = Resources.parse("cpus:24;mem:4096;disk:4096;ports:[31000-32000];cpus(eng):0.1");
const task = Resources.parse("cpus:0.3;mem:128;ports:[31002-31003]");
console.log(`rest ${agent.subtract(task)}`);
console.log(`quantities ${JSON.stringify(agent.add(task).quantities())}`);
console.log(`json ${JSON.stringify(agent.toJson())}`);
try {
  task.subtract(agent);
} catch (error) {
  console.log(`refused ${FairleadError.from(error).code}`);
}

const web = (id, cpus) =>
  describeTask({ name: "web", id, command: "true", cpus, mem: 64, ports: [0, 31_001] });
const offer = {
  id: { value: "o1" },
  framework_id: { value: "f1" },
  agent_id: { value: "a1" },
  hostname: "h1",
  resources: Resources.parse("cpus:4;mem:512;ports:[31000-31009]").toJson(),
};
const matched = match([offer], [web("w1", 1), web("w2", 9)]);
console.log(`launches ${JSON.stringify(matched.launches[0].operations)}`);
console.log(`waits: ${matched.waiting[0].reason.text}`);

/** Runtimes differ in when they run what: what was called, not when. */
const calls = new Set();

/** A master that subscribes whoever comes and tells of one task. */
async function master(request) {
  const call = JSON.parse(await request.text());
  calls.add(call.type);
  if (call.type !== "SUBSCRIBE") return new Response(null, { status: 202 });
  const status = { task_id: { value: "w1" }, agent_id: { value: "a1" }, state: "TASK_RUNNING" };
  const events = [
    { type: "SUBSCRIBED", subscribed: { framework_id: { value: "f1" } } },
    { type: "UPDATE", update: { status: { ...status, uuid: "dXVpZA==" } } },
  ];
  const body = new ReadableStream({
    start: (stream) => {
      for (const event of events) stream.enqueue(encodeRecord(JSON.stringify(event)));
    },
  });
  return new Response(body, { headers: { "mesos-stream-id": "s1" } });
}
const scheduler = connect({ master, framework: { name: "runtimes" } });
for await (const event of scheduler.events()) {
  if (event.type === "SUBSCRIBED" || event.type === "UPDATE") console.log(`event ${event.type}`);
  if (event.type === "UPDATE") setTimeout(() => scheduler.close(), 50);
}
for (const type of ["SUBSCRIBE", "ACKNOWLEDGE"]) console.log(`called ${type}: ${calls.has(type)}`);
