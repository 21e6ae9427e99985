import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { MemoryTree } from "../../../src/coordination/mod.ts";
import type { MessageSocket, SocketEnd } from "../../../src/http/mod.ts";
import { connectWebSocket } from "../../../src/http/node/mod.ts";
import { createMaster, socketPair } from "../../../src/master/mod.ts";
import { serveMaster } from "../../../src/master/node/mod.ts";
import { LINK_PATH, LINK_PROTOCOL } from "../../../src/model/mod.ts";
import {
  INFO,
  inProcess,
  overSockets,
  RawFramework,
  type Reach,
  ScriptedAgent,
  taskFor,
} from "./support.ts";

const packr = new Packr({ useRecords: false });
const registration = {
  type: "register",
  link_version: 1,
  version: "1",
  capabilities: [],
  agent_info: { hostname: "a" },
};

describe.each<[string, Reach]>([
  ["in one process", inProcess],
  ["over sockets", overSockets],
])("a link %s", (_, reach) => {
  test.each<[string, Uint8Array | string, string]>([
    ["text", "[]", "Frames are binary"],
    ["what is no msgpack", Uint8Array.of(0x81), "Cannot read a frame: it is no msgpack"],
    ["no list", packr.pack({ type: "pong" }), "frame: it must be a list of messages"],
    [
      "an array that claims to be huge",
      Uint8Array.of(0xdd, 255, 255, 255, 255),
      "it is no msgpack",
    ],
    ["deep nesting", new Uint8Array(1_000_000).fill(0x91), "Cannot read a frame"],
    ["a type that there is not", packr.pack([{ type: "obey" }]), "Cannot read a frame: type"],
    ["a message too early", packr.pack([{ type: "drained" }]), "speaks before it registers"],
    [
      "an agent that says too much of itself",
      packr.pack([{ ...registration, agent_info: { hostname: "a".repeat(300_000) } }]),
      "agent_info",
    ],
  ])("ends with a reason when %s comes", async (_what, frame, reason) => {
    await using reached = await reach();
    await reached.master.leads();
    const agent = new ScriptedAgent(await reached.link());
    agent.send(frame);
    const end = await agent.end();
    expect(end.code).toBe(1_008);
    expect(end.reason).toContain(reason);
    expect(reached.master.role.status).toBe("leading");
    await ScriptedAgent.register(reached);
  });

  test("brings all that one turn has for an agent as one frame", async () => {
    await using reached = await reach();
    await reached.master.leads();
    const agent = await ScriptedAgent.register(reached);
    agent.runs = false;
    const framework = await RawFramework.subscribe(reached);
    const offers = await framework.offers();
    const before = agent.frames;
    const tasks = Array.from({ length: 5 }, (_, index) => taskFor(offers[0]!, `t${index}`));
    await framework.call({
      type: "ACCEPT",
      accept: {
        offer_ids: offers.map(({ id }) => id),
        operations: tasks.map((task) => ({ type: "LAUNCH", launch: { task_infos: [task] } })),
      },
    });
    const { launches } = await agent.next("launch");
    const others = agent.messages.flatMap((each) => (each.type === "launch" ? each.launches : []));
    expect(launches.length + others.length).toBe(5);
    expect(agent.frames).toBe(before + 1);
  });

  test("of an agent that comes again ends the older one", async () => {
    await using reached = await reach();
    await reached.master.leads();
    const agent = await ScriptedAgent.register(reached);
    const again = new ScriptedAgent(await reached.link());
    again.id = agent.id;
    const nothing = { tasks: [], executors: [], frameworks: [], operations: [] };
    again.say({ type: "reregister", ...again.registration, ...nothing });
    expect((await again.next("registered")).agent_id).toBe(agent.id);
    expect((await agent.end()).reason).toBe("A newer link of this agent has come");
  });
});

test("a link on which nobody registers is ended after a while", async () => {
  const clock = new VirtualClock();
  await using store = new MemoryTree({ clock }).connect();
  await using master = createMaster({ store, info: INFO, clock });
  await master.leads();
  const [ours, theirs] = socketPair();
  const ends: SocketEnd[] = [];
  ours.onClose((end) => ends.push(end));
  master.acceptLink(theirs, { address: "10.0.0.1" });
  await clock.advance(29_000);
  expect(ends).toEqual([]);
  await clock.advance(2_000);
  expect(ends).toEqual([{ code: 1_008, reason: "Agent does not register" }]);
});

test("an agent that does not read is cut off; the others go on", async () => {
  await using reached = await inProcess({ limits: { linkBytesMax: 1_000 } });
  await reached.master.leads();
  const [ours, theirs] = socketPair();
  const full: MessageSocket = {
    protocol: "",
    bufferedBytes: 5_000,
    isOpen: true,
    send: (message) => theirs.send(message),
    close: (code, reason) => theirs.close(code, reason),
    terminate: () => theirs.terminate(),
    onMessage: (listener) => theirs.onMessage(listener),
    onClose: (listener) => theirs.onClose(listener),
  };
  reached.master.acceptLink(full, { address: "10.0.0.1" });
  const agent = new ScriptedAgent(ours);
  agent.say({ type: "register", ...agent.registration });
  expect(await agent.end()).toEqual({ code: 1_008, reason: "Agent does not read" });
  await ScriptedAgent.register(reached);
});

test("a master that does not lead takes no link", async () => {
  await using store = new MemoryTree().connect();
  const master = createMaster({ store, info: INFO });
  await master.stop();
  const [ours, theirs] = socketPair();
  const ended = new Promise<SocketEnd>((resolve) => ours.onClose(resolve));
  master.acceptLink(theirs, { address: "10.0.0.1" });
  expect(await ended).toEqual({ code: 1_013, reason: "Master is not the leader" });
});

test("agents need credentials where there are any, and may register only where ACLs allow it", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({
    store,
    port: 0,
    authenticator: {
      authenticate: async ({ headers }) => {
        const principal = headers.get("authorization");
        return principal === null ? new Response(null, { status: 401 }) : { principal };
      },
    },
    acls: {
      register_agents: [
        { principals: { values: ["agent"] }, agents: { type: "ANY" } },
        { principals: { type: "ANY" }, agents: { type: "NONE" } },
      ],
    },
  });
  await served.master.leads();
  const url = served.url.replace("http", "ws") + LINK_PATH;
  const protocols = [LINK_PROTOCOL];
  await expect(connectWebSocket(url, { protocols })).rejects.toMatchObject({
    details: { status: 401 },
  });
  const open = (authorization: string) =>
    connectWebSocket(url, { protocols, headers: { authorization } });
  const stranger = new ScriptedAgent(await open("stranger"));
  stranger.say({ type: "register", ...stranger.registration });
  expect(await stranger.next("refused")).toMatchObject({ reason: "unauthorized" });
  const agent = new ScriptedAgent(await open("agent"));
  agent.say({ type: "register", ...agent.registration });
  await agent.next("registered");
});

test("a browser's page of another origin opens no link", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0 });
  await served.master.leads();
  const url = served.url.replace("http", "ws") + LINK_PATH;
  const headers = { origin: "http://evil.example" };
  const opening = connectWebSocket(url, { protocols: [LINK_PROTOCOL], headers });
  await expect(opening).rejects.toMatchObject({ details: { status: 403 } });
});
