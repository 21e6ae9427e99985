import { type MasterCall, nanosecondsOf, readMasterCall } from "fairlead/model";
import { describe, expect, test } from "vitest";

function graceOf(max_grace_period: unknown): MasterCall {
  return readMasterCall({
    type: "DRAIN_AGENT",
    drain_agent: { agent_id: { value: "a" }, max_grace_period },
  });
}

describe("a google.protobuf.Duration", () => {
  test.each([
    ["seconds and nanos", { seconds: 1, nanos: 500_000_000 }],
    ["nanoseconds", { nanoseconds: 1_500_000_000 }],
    ["text", "1.5s"],
  ])("is read from %s", (_from, period) => {
    expect(graceOf(period)).toEqual({
      type: "DRAIN_AGENT",
      drain_agent: {
        agent_id: { value: "a" },
        max_grace_period: { seconds: 1, nanos: 500_000_000 },
      },
    });
  });

  test("is refused when it is neither", () => {
    expect(() => graceOf("10 minutes")).toThrow(/drain_agent\.max_grace_period/);
  });
});

test("nanosecondsOf() adds both parts up", () => {
  expect(nanosecondsOf({ seconds: 2, nanos: 5 })).toBe(2_000_000_005);
  expect(nanosecondsOf({})).toBe(0);
});
