import { describe, expect, test } from "vitest";
import type { Engine } from "../../../../src/probe/node/docker/port.ts";
import { EngineUsage } from "../../../../src/probe/node/docker/usage.ts";

const { signal } = new AbortController();

/** Answers for each container how often it was asked: a second and half a core a time. */
function engineOf(fault?: (id: string) => void) {
  const asked: string[] = [];
  let [now, most] = [0, 0];
  const engine: Engine = {
    socketPath: "none",
    async json({ path, query }) {
      const id = path.split("/")[2] ?? "";
      expect(query).toEqual({ stream: false, "one-shot": true });
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setImmediate(done));
      now -= 1;
      fault?.(id);
      const times = asked.filter((each) => each === id).length;
      asked.push(id);
      return {
        read: new Date(times * 1_000).toISOString(),
        cpu_stats: { cpu_usage: { total_usage: times * 5e8 } },
        memory_stats: { usage: 1_000, limit: 8_000, stats: { inactive_file: 300 } },
      };
    },
    stream: () => Promise.reject(new Error("nothing streams")),
  };
  return { engine, asked, most: () => most };
}

describe("EngineUsage", () => {
  test("measures the processor by difference, and memory without what can be dropped", async () => {
    const usage = new EngineUsage({ engine: engineOf().engine });
    expect((await usage.read(["c"], signal)).get("c")).toEqual({
      cpuPercent: undefined,
      memoryBytes: 700,
      memoryBytesMax: 8_000,
    });
    expect((await usage.read(["c"], signal)).get("c")?.cpuPercent).toBeCloseTo(50);
  });

  test("asks for some at a time, four at once, and comes to all of them in turn", async () => {
    const { engine, asked, most } = engineOf();
    const usage = new EngineUsage({ engine, asksMax: 8 });
    const ids = Array.from({ length: 20 }, (_, at) => `c${at}`);
    expect((await usage.read(ids, signal)).size).toBe(8);
    await usage.read(ids, signal);
    await usage.read(ids, signal);
    expect(new Set(asked).size).toBe(20);
    expect(most()).toBe(4);
  });

  test("leaves out what the engine cannot say", async () => {
    const { engine } = engineOf((id) => {
      if (id === "gone") throw new Error("no such container");
    });
    const uses = await new EngineUsage({ engine }).read(["gone", "c"], signal);
    expect([...uses.keys()]).toEqual(["c"]);
  });
});
