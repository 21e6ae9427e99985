import { expect, test } from "vitest";
import { faultOfLaunch } from "../../../src/master/validate/launch.ts";

test("faultOfLaunch() refuses the id that asks for feedback", () => {
  expect(faultOfLaunch({ type: "LAUNCH" })).toBeUndefined();
  expect(faultOfLaunch({ type: "LAUNCH_GROUP", id: { value: "o1" } })).toBe(
    "The `id` field cannot be set on LAUNCH_GROUP operations",
  );
});
