import { describe, expect, test } from "vitest";
import { faultOfSchedulerCall } from "../../../src/master/validate/call.ts";
import type { SchedulerCall } from "../../../src/model/mod.ts";

const ID = { value: "f1" };
const UUID = btoa("0123456789abcdef");

function subscribe(more: { id?: { value: string }; principal?: string }, framework_id?: typeof ID) {
  const framework_info = { user: "u", name: "n", ...more };
  const call: SchedulerCall = { type: "SUBSCRIBE", subscribe: { framework_info } };
  return framework_id === undefined ? call : { ...call, framework_id };
}

function acknowledge(uuid: string): SchedulerCall {
  const acknowledged = { agent_id: { value: "a" }, task_id: { value: "t" }, uuid };
  return { type: "ACKNOWLEDGE", framework_id: ID, acknowledge: acknowledged };
}

describe("faultOfSchedulerCall()", () => {
  test.each<[string, SchedulerCall]>([
    ["a first SUBSCRIBE", subscribe({})],
    ["an empty id on both sides", subscribe({ id: { value: "" } })],
    ["a SUBSCRIBE with its id twice", subscribe({ id: ID }, ID)],
    ["an id that stands in one place only", subscribe({}, ID)],
    ["the principal that authenticated", subscribe({ principal: "ops" })],
    ["an ACKNOWLEDGE", acknowledge(UUID)],
    ["a uuid without padding", acknowledge(UUID.replace(/=+$/, ""))],
    ["a TEARDOWN", { type: "TEARDOWN", framework_id: ID }],
  ])("takes %s", (_what, call) => {
    expect(faultOfSchedulerCall(call, "ops")).toBeUndefined();
  });

  test.each<[string, SchedulerCall, string]>([
    [
      "ids that differ",
      subscribe({ id: { value: "f2" } }, ID),
      "'framework_id' differs from 'subscribe.framework_info.id'",
    ],
    [
      "an update of another framework",
      {
        type: "UPDATE_FRAMEWORK",
        framework_id: ID,
        update_framework: { framework_info: { user: "u", name: "n", id: { value: "f2" } } },
      },
      "'framework_id' differs from 'update_framework.framework_info.id'",
    ],
    [
      "somebody else's principal",
      subscribe({ principal: "eve" }),
      "Authenticated principal 'ops' does not match principal 'eve' set in `FrameworkInfo`",
    ],
    ["a uuid that is too short", acknowledge(btoa("short")), "Not a valid UUID"],
    [
      "an operation's acknowledgement without agent",
      {
        type: "ACKNOWLEDGE_OPERATION_STATUS",
        framework_id: ID,
        acknowledge_operation_status: { uuid: UUID, operation_id: { value: "o" } },
      },
      "Expecting 'agent_id' to be present",
    ],
  ])("refuses %s", (_what, call, message) => {
    expect(faultOfSchedulerCall(call, "ops")).toBe(message);
  });
});
