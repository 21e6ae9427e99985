import { expect, test } from "vitest";
import { Recent } from "../../../src/scheduler/core/recent.ts";

test("Recent holds the last half for certain, and never more than the whole", () => {
  const recent = new Recent<number>(10);
  for (let i = 0; i < 100; i += 1) {
    recent.set(`k${i}`, i);
    expect(recent.values().length).toBeLessThanOrEqual(10);
    for (let back = 0; back < Math.min(5, i + 1); back += 1) {
      expect(recent.get(`k${i - back}`)).toBe(i - back);
    }
  }
  expect(recent.get("k1")).toBeUndefined();
  recent.delete("k99");
  expect(recent.get("k99")).toBeUndefined();
});
