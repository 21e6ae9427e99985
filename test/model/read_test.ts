import { readSchedulerCall } from "fairlead/model";
import { describe, expect, test } from "vitest";

describe("readSchedulerCall()", () => {
  test("takes null as absent, in objects and in lists", () => {
    const call = readSchedulerCall({
      type: "REVIVE",
      framework_id: { value: "f" },
      revive: { roles: ["a", null] },
      kill: null,
    });
    expect(call).toEqual({
      type: "REVIVE",
      framework_id: { value: "f" },
      revive: { roles: ["a"] },
    });
  });

  test("names the field that is wrong", () => {
    const call = { type: "KILL", framework_id: { value: "f" }, kill: { task_id: {} } };
    expect(() => readSchedulerCall(call)).toThrow(/kill\.task_id\.value/);
    expect(() => readSchedulerCall({ type: "JUMP" })).toThrow(/type/);
  });
});
