import { expect, test } from "vitest";
import { readFramework } from "../../src/scheduler/mod.ts";

test("readFramework() fills in defaults that save from known traps", () => {
  expect(readFramework({ name: "x" }, "ops")).toEqual({
    name: "x",
    user: "root",
    roles: ["*"],
    principal: "ops",
    checkpoint: true,
    failover_timeout: 604_800,
    capabilities: [
      { type: "MULTI_ROLE" },
      { type: "PARTITION_AWARE" },
      { type: "RESERVATION_REFINEMENT" },
      { type: "TASK_KILLING_STATE" },
    ],
  });
});

test("readFramework() keeps what is given, and turns role into roles", () => {
  const read = readFramework({ name: "x", role: "dev", checkpoint: false }, undefined);
  expect(read).toMatchObject({ roles: ["dev"], checkpoint: false });
  expect("role" in read).toBe(false);
});

test("readFramework() writes one role without MULTI_ROLE, and refuses several", () => {
  const capabilities = [{ type: "GPU_RESOURCES" }];
  const read = readFramework({ name: "x", roles: ["dev"], capabilities }, undefined);
  expect(read).toMatchObject({ role: "dev", capabilities });
  expect("roles" in read).toBe(false);
  const several = () => readFramework({ name: "x", roles: ["a", "b"], capabilities }, undefined);
  expect(several).toThrow(expect.objectContaining({ code: "invalid_option" }));
  expect(several).toThrow(/MULTI_ROLE/);
});

test("readFramework() refuses a framework without a name", () => {
  expect(() => readFramework({ name: "" }, undefined)).toThrow(/framework\.name/);
});
