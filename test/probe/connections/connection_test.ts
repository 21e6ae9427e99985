import { describe, expect, test } from "vitest";
import { isLocalServer, pairKey } from "../../../src/probe/connections/connection.ts";

const local = { ip: "10.0.0.1", port: 5_000 };
const remote = { ip: "10.0.0.2", port: 40_000 };
const nobody = { listening: new Set<number>(), followed: new Set<string>() };

describe("isLocalServer()", () => {
  test("believes the side that listens, even on the higher port", () => {
    const listening = new Set([40_000]);
    const facts = { ...nobody, listening };
    expect(isLocalServer({ ...facts, local: remote, remote: local })).toBe(true);
    const same = { ip: local.ip, port: 40_000 };
    expect(isLocalServer({ ...facts, local, remote: same })).toBe(false);
  });

  test("then the kernel, which saw who began", () => {
    const followed = new Set([pairKey(local, remote)]);
    expect(isLocalServer({ ...nobody, local, remote, followed })).toBe(false);
    expect(isLocalServer({ ...nobody, local: remote, remote: local, followed })).toBe(true);
  });

  test("then the lower port", () => {
    expect(isLocalServer({ ...nobody, local, remote })).toBe(true);
    expect(isLocalServer({ ...nobody, local: remote, remote: local })).toBe(false);
  });
});
