import { expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { MasterCore } from "../../../src/master/mod.ts";

const masterInfo = { id: "m1", ip: 2130706433, port: 5050, hostname: "localhost" };

test("MasterCore starts recovering", () => {
  const core = new MasterCore({ masterInfo, clock: new VirtualClock() });
  expect(core.state.status).toBe("recovering");
});

test("MasterCore refuses options out of range and names them", () => {
  const make = () => new MasterCore({ masterInfo, clock: new VirtualClock(), agentPingMs: -1 });
  expect(make).toThrow(/agentPingMs/);
});
