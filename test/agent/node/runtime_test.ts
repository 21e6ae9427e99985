import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AgentCore, type AgentEffect } from "../../../src/agent/mod.ts";
import { CheckpointLog } from "../../../src/agent/node/checkpoint_log.ts";
import { Runtime } from "../../../src/agent/node/runtime.ts";
import { SeededRandom, systemClock } from "../../../src/base/mod.ts";
import { command, framework, MASTER, resources } from "../core/bench.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-runtime-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const REGISTERED = {
  type: "registered",
  agent_id: "a1",
  master_info: MASTER,
  heartbeat_ms: 15_000,
} as const;

async function make(checkpoints: CheckpointLog) {
  const performed: { effect: AgentEffect; durable: string[] }[] = [];
  const fatal: string[] = [];
  const runtime = new Runtime({
    core: new AgentCore({
      clock: systemClock,
      random: new SeededRandom(1),
      info: { hostname: "h", resources: resources("cpus:4;mem:1024") },
    }),
    checkpoints,
    clock: systemClock,
    perform: (effect) => {
      const durable = Array.from(checkpoints.entries(), ({ path }) => path);
      performed.push({ effect, durable });
    },
    turnEnded: () => undefined,
    log: () => undefined,
    onFatal: ({ code }) => fatal.push(code),
  });
  runtime.dispatch({ type: "recovered", checkpoints: [] });
  runtime.dispatch({ type: "link_opened" });
  runtime.dispatch({ type: "messages", messages: [REGISTERED] });
  return { runtime, performed, fatal };
}

describe("Runtime", () => {
  test("lets nothing out before the checkpoints that it rests on are durable", async () => {
    await using checkpoints = await CheckpointLog.open(folder);
    const { runtime, performed } = await make(checkpoints);
    runtime.dispatch({
      type: "messages",
      messages: [{ type: "launch", framework: framework(), launches: [{ task: command("t1") }] }],
    });
    expect(performed.map(({ effect }) => effect.type)).toEqual(["send"]);
    const launched = await vi.waitFor(
      () => {
        const found = performed.find(({ effect }) => effect.type === "launch_container");
        if (found === undefined) throw new Error("not yet");
        return found;
      },
      { timeout: 10_000 },
    );
    await runtime.stop();
    expect(launched.durable).toContain("tasks/f1/t1");
    expect(performed.map(({ effect }) => effect.type)).toEqual([
      "send",
      "registered",
      "launch_container",
    ]);
  });

  test("answers pings while the disk is at work", async () => {
    await using checkpoints = await CheckpointLog.open(folder);
    const { runtime, performed } = await make(checkpoints);
    runtime.dispatch({ type: "messages", messages: [{ type: "ping", sequence: 3 }] });
    expect(performed.map(({ effect }) => effect)).toContainEqual({
      type: "send",
      message: { type: "pong", sequence: 3 },
    });
    await runtime.stop();
  });

  test("a disk that fails for good is fatal, and nothing more gets out", async () => {
    const checkpoints = await CheckpointLog.open(folder);
    await checkpoints[Symbol.asyncDispose]();
    const { runtime, performed, fatal } = await make(checkpoints);
    await runtime.stop();
    expect(fatal).toEqual(["checkpoint_failed"]);
    expect(performed.map(({ effect }) => effect.type)).toEqual(["send"]);
  });
});
