import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MasterLink, type MasterLinkOptions } from "../../../src/agent/node/master_link.ts";
import { SeededRandom, systemClock } from "../../../src/base/mod.ts";
import type { MasterMessage } from "../../../src/model/mod.ts";
import { PlayedMaster } from "./support.ts";

let master: PlayedMaster;
beforeEach(async () => {
  master = await PlayedMaster.open();
  master.admits = false;
});
afterEach(() => master[Symbol.asyncDispose]());

function open(more: Partial<MasterLinkOptions> = {}) {
  const heard: MasterMessage[] = [];
  const facts = { opened: 0, closed: 0, troubles: [] as string[], heard };
  const link = new MasterLink({
    masters: [master.url],
    clock: systemClock,
    random: new SeededRandom(1),
    backoffMs: 5,
    backoffMsMax: 20,
    onOpen: () => {
      facts.opened += 1;
    },
    onMessages: (messages) => heard.push(...messages),
    onClose: () => {
      facts.closed += 1;
    },
    onTrouble: (message) => facts.troubles.push(message),
    ...more,
  });
  link.start();
  return Object.assign(facts, { link });
}

describe("MasterLink", () => {
  test("carries batches both ways, in order", async () => {
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.opened === 1);
    facts.link.send([
      { type: "pong", sequence: 1 },
      { type: "pong", sequence: 2 },
    ]);
    await master.until(() => master.heard.length === 2);
    expect(master.all("pong").map(({ sequence }) => sequence)).toEqual([1, 2]);
    master.say({ type: "ping", sequence: 1 }, { type: "ping", sequence: 2 });
    await master.until(() => facts.heard.length === 2);
  });

  test("comes back after a cut, and what is sent meanwhile is lost", async () => {
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.opened === 1);
    master.drop();
    await master.until(() => facts.closed === 1);
    facts.link.send([{ type: "pong", sequence: 1 }]);
    await master.until(() => facts.opened === 2);
    facts.link.send([{ type: "pong", sequence: 2 }]);
    await master.until(() => master.heard.length > 0);
    expect(master.heard).toEqual([{ type: "pong", sequence: 2 }]);
  });

  test("tries one master after the other", async () => {
    const facts = open({ masters: ["127.0.0.1:1", "nonsense url", master.url] });
    await using _ = facts.link;
    await master.until(() => facts.opened === 1);
    expect(facts.troubles).toHaveLength(2);
    expect(facts.troubles[1]).toContain("no address");
  });

  test("masters that point at each other are left, not followed for ever", async () => {
    master.refuses = { status: 307, location: `//127.0.0.1:${master.port}/api/v1/link` };
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.troubles.length > 0);
    expect(facts.troubles[0]).toContain("pointed at each other");
    expect(master.requests.length).toBeGreaterThanOrEqual(8);
  });

  test.each([503, 401, 500])("an answer of %i is told, and tried again", async (status) => {
    master.refuses = { status };
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.troubles.length > 1);
    expect(facts.troubles[0]).toContain(String(status));
    master.refuses = undefined;
    await master.until(() => facts.opened === 1);
  });

  test("frames that are none end the link", async () => {
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.opened === 1);
    master.sayRaw(Buffer.from([0xc1, 0xff]));
    await master.until(() => facts.opened === 2);
    master.sayRaw("text");
    await master.until(() => facts.opened === 3);
    master.sayRaw(Buffer.from([0x05]));
    await master.until(() => facts.opened === 4);
    expect(facts.troubles).toHaveLength(3);
    expect(facts.heard).toEqual([]);
  });

  test("disposing ends the attempts, the pauses and the connection", async () => {
    const facts = open({ masters: ["127.0.0.1:1"], backoffMs: 60_000, backoffMsMax: 60_000 });
    await master.until(() => facts.troubles.length === 1);
    await facts.link[Symbol.asyncDispose]();
    const other = open();
    await master.until(() => other.opened === 1);
    await other.link[Symbol.asyncDispose]();
    expect(other.closed).toBe(1);
    await other.link[Symbol.asyncDispose]();
  });

  test("close() waits as long as it is told before the next attempt", async () => {
    const facts = open();
    await using _ = facts.link;
    await master.until(() => facts.opened === 1);
    const fromMs = Date.now();
    facts.link.close("retry", 300);
    await master.until(() => facts.opened === 2);
    expect(Date.now() - fromMs).toBeGreaterThanOrEqual(295);
  });
});
