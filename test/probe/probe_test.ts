import { describe, expect, test } from "vitest";
import { SeededRandom, VirtualClock } from "../../src/base/mod.ts";
import {
  hostTagger,
  latestAt,
  makeNode,
  makeReport,
  makeTopology,
  Probe,
  type ProbeOptions,
  type ProbeTrouble,
  Publisher,
  type Reporter,
} from "../../src/probe/mod.ts";
import { plainCodec } from "./support/plain_codec.ts";
import { SimCollector } from "./support/sim_collector.ts";

function world(options: Partial<ProbeOptions> = {}) {
  const clock = new VirtualClock(1_000_000);
  const random = new SeededRandom(3);
  const collector = new SimCollector(clock);
  const resolve = async () => [collector];
  const publisher = new Publisher({ addresses: ["sim"], resolve, clock, random });
  const troubles: ProbeTrouble[] = [];
  const onTrouble = (trouble: ProbeTrouble) => troubles.push(trouble);
  const { codec } = plainCodec();
  const reporters = [processes];
  const given = { hostId: "h", reporters, publisher, codec, clock, random, onTrouble, ...options };
  return { clock, collector, troubles, probe: new Probe(given) };
}

const processes: Reporter = {
  name: "process",
  report: async ({ tick, nowMs }) =>
    makeReport(
      {
        Process: makeTopology([
          makeNode(`h;${tick}`, "process", { latest: latestAt(1n, { pid: "1" }) }),
        ]),
      },
      { ts: BigInt(nowMs) },
    ),
};

describe("Probe", () => {
  test("looks each second and publishes what was seen every third, tagged", async () => {
    const { clock, collector, probe } = world({ taggers: [hostTagger("h")] });
    await clock.advance(9_500);
    expect(probe.counts).toMatchObject({ looks: 10, publications: 3, failures: 0 });
    expect(collector.received.map(({ atMs }) => atMs)).toEqual([1_002_000, 1_005_000, 1_008_000]);
    const first = JSON.parse(collector.received[0]?.text ?? "");
    expect(Object.keys(first.topologies.Process.nodes)).toEqual(["h;1", "h;2", "h;3"]);
    expect(first.topologies.Process.nodes["h;1"].parents).toEqual({ host: ["h;<host>"] });
    expect([first.windowNs, first.ts, /^\d+$/.test(first.id)]).toEqual([3e9, "1000000", true]);
    await probe[Symbol.asyncDispose]();
    expect(clock.sleeping).toBe(0);
  });

  test("names a reporter that hangs on its host, tells of it once, and publishes on time", async () => {
    const hanging = { name: "docker", report: () => new Promise<never>(() => {}) };
    const { clock, collector, probe, troubles } = world({ reporters: [hanging, processes] });
    await clock.advance(30_000);
    expect(collector.received).toHaveLength(10);
    expect(collector.received.at(-1)?.text).toMatch(
      /"probe_failing_reporters":{[^}]*docker: hangs for/,
    );
    expect(troubles).toEqual([{ what: "docker", message: "timed out after 900 ms" }]);
    expect(probe.failures.has("docker")).toBe(true);
    await probe[Symbol.asyncDispose]();
  });

  test("publishes shortcuts at once, and those that come together as one", async () => {
    let publish = (_report: ReturnType<typeof makeReport>) => {};
    const watching: Reporter = {
      ...processes,
      watch: async (each) => {
        publish = each;
      },
    };
    const { clock, collector, probe } = world({ reporters: [watching] });
    await clock.advance(3_000);
    for (const id of ["a", "b", "c"]) {
      publish(makeReport({ Container: makeTopology([makeNode(id, "container")]) }));
    }
    await clock.advance(50);
    const last = JSON.parse(collector.received.at(-1)?.text ?? "");
    expect(Object.keys(last.topologies.Container.nodes)).toEqual(["a", "b", "c"]);
    expect([last.isShortcut, last.windowNs, probe.counts.shortcuts]).toEqual([true, 0, 1]);
    for (let at = 0; at < 2_000; at += 1) publish(makeReport({}));
    await clock.advance(200);
    expect(probe.counts).toMatchObject({ shortcuts: 2, shortcutsDropped: 975 });
    await probe[Symbol.asyncDispose]();
  });

  test("goes on when a tagger, a watch or the log fails", async () => {
    const failing = () => {
      throw new Error("no");
    };
    const tagger = { name: "bad", tag: failing };
    const reporters = [{ ...processes, watch: async () => failing() }];
    const { clock, probe } = world({ taggers: [tagger], reporters, onTrouble: failing });
    await clock.advance(7_000);
    expect(probe.counts).toMatchObject({ looks: 8, publications: 0, failures: 2 });
    await probe[Symbol.asyncDispose]();
  });

  test("refuses intervals out of their range", () => {
    expect(() => world({ spyIntervalMs: 10 })).toThrow(/spyIntervalMs/);
    expect(() => world({ spyIntervalMs: 5_000, publishIntervalMs: 1_000 })).toThrow(
      /publishIntervalMs/,
    );
  });
});
