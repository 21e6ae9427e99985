import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { AddressNames } from "../../../src/probe/dns/names.ts";

function open(limits: object = {}) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const names = new AddressNames({
    clock,
    async reverse(ip) {
      asked.push(ip);
      await clock.sleep(100);
      if (ip === "10.0.0.9") throw new Error("NXDOMAIN");
      return [`b.${ip}`, `a.${ip}`, `a.${ip}`];
    },
    ...limits,
  });
  return { clock, asked, names };
}

describe("AddressNames", () => {
  test("says nothing at first, and what was answered from then on", async () => {
    const { clock, asked, names } = open();
    expect(names.names(["10.0.0.1"]).size).toBe(0);
    expect(names.names(["10.0.0.1"]).size).toBe(0);
    await clock.advance(100);
    expect(names.names(["10.0.0.1", "10.0.0.1"]).get("10.0.0.1")).toEqual([
      "a.10.0.0.1",
      "b.10.0.0.1",
    ]);
    expect(asked).toEqual(["10.0.0.1"]);
  });

  test("remembers that there is no name, too, and asks again when that is old", async () => {
    const { clock, asked, names } = open({ holdMs: 1_000 });
    const ask = () => names.names(["10.0.0.9", "10.0.0.1"]);
    ask();
    await clock.advance(200);
    expect([...ask().keys()]).toEqual(["10.0.0.1"]);
    expect(asked).toEqual(["10.0.0.9", "10.0.0.1"]);
    await clock.advance(1_000);
    // The old names hold while the new ones are on their way.
    expect([...ask().keys()]).toEqual(["10.0.0.1"]);
    expect(asked).toHaveLength(4);
    await clock.advance(200);
  });

  test("begins few lookups at a time, and holds few under way", async () => {
    const { clock, asked, names } = open({ lookupsMax: 3, waitingMax: 5 });
    const ips = Array.from({ length: 20 }, (_, at) => `10.1.0.${at}`);
    names.names(ips);
    expect(asked).toHaveLength(3);
    names.names(ips);
    expect(asked).toHaveLength(5);
    for (let turn = 0; turn < 8; turn += 1) {
      await clock.advance(200);
      names.names(ips);
    }
    expect(names.names(ips).size).toBe(20);
    expect(asked).toHaveLength(20);
  });

  test("forgets the oldest when it is full", async () => {
    const { clock, names } = open({ addressesMax: 2 });
    for (const ip of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) {
      names.names([ip]);
      await clock.advance(100);
    }
    expect([...names.names(["10.0.0.1", "10.0.0.2", "10.0.0.3"]).keys()]).toEqual([
      "10.0.0.2",
      "10.0.0.3",
    ]);
    await clock.advance(100);
  });
});
