import { describe, expect, test } from "vitest";
import { createMaster } from "../../../src/master/mod.ts";
import {
  INFO,
  inProcess,
  overSockets,
  RawFramework,
  type Reach,
  ScriptedAgent,
  taskFor,
} from "./support.ts";

const reaches: readonly (readonly [string, Reach])[] = [
  ["in one process", inProcess],
  ["over sockets", overSockets],
];

describe.each(reaches)("createMaster() %s", (_, reach) => {
  test("offers what an agent has, launches on it and tells what becomes of it", async () => {
    await using reached = await reach();
    await reached.master.leads();
    const agent = await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const offers = await framework.offers();
    await framework.launch(offers, [taskFor(offers[0]!, "t1")]);
    const status = await framework.update();
    expect(status).toMatchObject({ task_id: { value: "t1" }, state: "TASK_RUNNING" });
    await framework.acknowledge(status);
    const ack = await agent.next("ack");
    expect(ack).toEqual({
      type: "ack",
      framework_id: framework.id,
      task_id: "t1",
      uuid: status.uuid,
    });
    await framework.call({ type: "TEARDOWN" });
    expect(await framework.rest()).toEqual([]);
    await agent.next("shutdown_framework");
  });
});

test("createMaster() refuses options that are wrong", () => {
  expect(() =>
    createMaster({ info: INFO, store: undefined as never, core: { heartbeatMs: -1 } }),
  ).toThrow(expect.objectContaining({ code: "invalid_option" }));
});
