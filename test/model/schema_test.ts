import { readMasterCall, readSchedulerCall } from "fairlead/model";
import { describe, expect, test } from "vitest";

const framework_id = { value: "f" };

function kill(grace: unknown) {
  return {
    type: "KILL",
    framework_id,
    kill: { task_id: { value: "t" }, kill_policy: { grace_period: { nanoseconds: grace } } },
  };
}

function acknowledge(uuid: unknown) {
  const acknowledge = { agent_id: { value: "a" }, task_id: { value: "t" }, uuid };
  return { type: "ACKNOWLEDGE", framework_id, acknowledge };
}

describe("what Mesos' own parser takes is taken", () => {
  test("one item without brackets where a list is", () => {
    const call = readSchedulerCall({ type: "REVIVE", framework_id, revive: { roles: "web" } });
    expect(call).toEqual({ type: "REVIVE", framework_id, revive: { roles: ["web"] } });
  });

  test.each([
    ["a fraction is cut off", 5e9 + 0.5],
    ["decimal text", "5000000000"],
    ["decimal text with a fraction", "5000000000.7"],
    ["an exponent", "5e9"],
  ])("integers: %s", (_what, grace) => {
    expect(readSchedulerCall(kill(grace))).toEqual(kill(5e9));
  });

  test.each([["five"], [""], [true], [{}], ["Infinity"]])("integers: not %j", (grace) => {
    expect(() => readSchedulerCall(kill(grace))).toThrow(/kill_policy\.grace_period\.nanoseconds/);
  });

  test.each([
    ["standard", "+/8AAQ=="],
    ["the URL alphabet", "-_8AAQ=="],
    ["no padding", "+/8AAQ"],
    ["white space", "+/8A\r\nAQ==\n"],
  ])("base64: %s", (_what, uuid) => {
    expect(readSchedulerCall(acknowledge(uuid))).toEqual(acknowledge("+/8AAQ=="));
  });

  test.each([["!"], ["AAAAA"], [7], ["AA=A"]])("base64: not %j", (uuid) => {
    expect(() => readSchedulerCall(acknowledge(uuid))).toThrow(/acknowledge\.uuid/);
  });

  test("booleans as words", () => {
    const drain_agent = { agent_id: { value: "a" }, mark_gone: "true" };
    expect(readMasterCall({ type: "DRAIN_AGENT", drain_agent })).toEqual({
      type: "DRAIN_AGENT",
      drain_agent: { agent_id: { value: "a" }, mark_gone: true },
    });
    const bad = { type: "DRAIN_AGENT", drain_agent: { ...drain_agent, mark_gone: "yes" } };
    expect(() => readMasterCall(bad)).toThrow(/mark_gone/);
  });

  test("names of optional enumerations that we do not know are absent", () => {
    const resource = { name: "cpus", type: "SCALAR", scalar: { value: "1.5" } };
    const call = readSchedulerCall({
      type: "ACCEPT",
      framework_id,
      accept: {
        operations: [
          { type: "JUMP" },
          {
            type: "UNRESERVE",
            unreserve: { resources: [{ ...resource, reservations: [{ type: "WISHED" }] }] },
          },
        ],
      },
    });
    expect(call).toEqual({
      type: "ACCEPT",
      framework_id,
      accept: {
        operations: [
          { type: "UNKNOWN" },
          {
            type: "UNRESERVE",
            unreserve: {
              resources: [{ ...resource, scalar: { value: 1.5 }, reservations: [{}] }],
            },
          },
        ],
      },
    });
  });
});
