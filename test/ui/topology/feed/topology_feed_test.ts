import { systemClock } from "fairlead/base";
import type { NodeSummary } from "fairlead/topology";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { edgeKey } from "../../../../src/ui/topology/feed/node_store.ts";
import {
  TopologyFeed,
  type TopologyFeedOptions,
} from "../../../../src/ui/topology/feed/topology_feed.ts";
import { TestCollector } from "../support/collector.ts";
import { node } from "../support/nodes.ts";
import { containerId } from "../support/world.ts";

let collector: TestCollector;

beforeAll(async () => {
  const page = async () => new Response(null, { status: 404 });
  collector = await TestCollector.start({ hosts: 3, containers: 24 }, page);
});
afterEach(() => collector.reset());
afterAll(() => collector[Symbol.asyncDispose]());

function open(options: Partial<TopologyFeedOptions> = {}) {
  return new TopologyFeed({
    src: `${collector.url}/api`,
    openSocket: (url) => new WebSocket(url) as unknown as globalThis.WebSocket,
    listMs: 50,
    ...options,
  });
}

const CONTAINERS = { topologyId: "containers", options: { stopped: "running" } };

/** Wait until the feed is as wanted. */
async function until(feed: TopologyFeed, wanted: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !wanted(); turn += 1) await systemClock.sleep(10);
  expect(wanted(), JSON.stringify(feed.status)).toBe(true);
}

describe("TopologyFeed", () => {
  test("lists the topologies and what the collector is", async () => {
    await using feed = open();
    feed.subscribe(() => {});
    await until(feed, () => feed.topologies !== undefined);
    expect(feed.topologies?.map(({ name }) => name)).toContain("Containers");
    expect(feed.info).toMatchObject({ version: "1.0.0", hasHistory: true });
    expect(feed.info?.plugins[0]?.label).toBe("IO wait");
  });

  test("follows nodes as they come, change and go, and knows what changed", async () => {
    await using feed = open();
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "live");
    const { size } = feed.store.nodes;
    expect(size).toBe(25);
    expect(feed.store.changes(systemClock.nowMs())).toEqual([]);
    collector.world.add(node("new;<container>", { label: "newcomer" }));
    collector.world.setState(containerId(0), "paused");
    collector.world.remove(containerId(1));
    collector.publish();
    await until(feed, () => feed.store.nodes.has("new;<container>"));
    expect(feed.store.nodes.has(containerId(1))).toBe(false);
    const changes = feed.store.changes(systemClock.nowMs());
    const kindOf = (id: string) => changes.find((each) => each.id === id);
    expect(kindOf("new;<container>")?.kind).toBe("appeared");
    expect(kindOf(containerId(1))?.kind).toBe("vanished");
    expect(kindOf(containerId(0))?.facts).toContain("State: running → paused");
    const edge = edgeKey("in-theinternet", containerId(0));
    expect(feed.store.rates.rateOf(edge, systemClock.nowMs())?.count).toBe(1);
  });

  test("asks with the options, and another topology forgets the nodes of the last", async () => {
    await using feed = open();
    feed.follow({ topologyId: "containers", options: { stopped: "stopped" } });
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "live");
    feed.follow({ topologyId: "hosts", options: {} });
    expect(feed.store.nodes.size).toBe(0);
    await until(feed, () => feed.store.nodes.size === 3);
    expect(collector.asked).toContain("WS /api/topology/containers/ws?stopped=stopped&t=1000ms");
    await until(feed, () => collector.followers === 1);
  });

  test("connects again after the collector was away, and says so meanwhile", async () => {
    await using feed = open();
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "live");
    collector.away = true;
    collector.cut();
    await until(feed, () => feed.status.status === "away");
    expect(feed.store.nodes.size).toBe(25);
    collector.away = false;
    feed.retry();
    await until(feed, () => feed.status.status === "live");
    expect(feed.store.changes(systemClock.nowMs())).toEqual([]);
  });

  test("follows the compact stream where there is one, node by node the same", async () => {
    collector.isScope = false;
    await using feed = open();
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    const wanted = () => collector.world.nodes("containers", CONTAINERS.options);
    await until(feed, () => feed.store.nodes.size === wanted().size);
    expect(collector.asked.filter((path) => path.startsWith("WS "))).toEqual([
      "WS /api/stream/containers?stopped=running",
    ]);
    collector.world.setState(containerId(0), "paused");
    collector.world.step();
    collector.publish();
    await until(feed, () => feed.store.changes(systemClock.nowMs()).length > 0);
    expect(feed.store.changes(systemClock.nowMs()).map((each) => each.id)).toEqual([
      containerId(0),
    ]);
    const id = containerId(0);
    const valuesOf = (nodes: ReadonlyMap<string, NodeSummary>) =>
      new Map(nodes.get(id)?.metadata?.map((row) => [row.id, row.value]));
    expect(valuesOf(feed.store.nodes)).toEqual(valuesOf(wanted()));
    expect(new Set(feed.store.nodes.get(id)?.adjacency)).toEqual(
      new Set(wanted().get(id)?.adjacency),
    );
    collector.cut();
    await until(feed, () => collector.asked.at(-1)?.includes("seq=2") ?? false);
    await until(feed, () => feed.status.status === "live");
  });

  test("opens a stream anew that says nothing for too long", async () => {
    await using feed = open({ silenceMsMax: 100 });
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    const opened = () => collector.asked.filter((path) => path.startsWith("WS ")).length;
    await until(feed, () => opened() >= 2);
  });

  test("shows a moment of the past, and goes on live", async () => {
    await using feed = open();
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "live");
    const atMs = Date.UTC(2026, 0, 1);
    feed.follow({ ...CONTAINERS, atMs });
    await until(feed, () => feed.status.status === "paused");
    expect(feed.store.nodes.size).toBe(13);
    expect(collector.asked.join()).toContain("timestamp=2026-01-01T00%3A00%3A00.000Z");
    feed.follow(CONTAINERS);
    await until(feed, () => feed.status.status === "live");
    expect(feed.store.nodes.size).toBe(25);
    expect(feed.store.changes(systemClock.nowMs())).toEqual([]);
  });

  test("pauses at what is there, without asking", async () => {
    await using feed = open();
    feed.follow(CONTAINERS);
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "live");
    feed.follow({ ...CONTAINERS, atMs: systemClock.nowMs() });
    await until(feed, () => feed.status.status === "paused");
    expect(feed.store.nodes.size).toBe(25);
    expect(collector.asked.filter((path) => path.startsWith("GET /api/topology/"))).toEqual([]);
    await until(feed, () => collector.followers === 0);
  });

  test("closes its connections when the last listener leaves", async () => {
    await using feed = open();
    feed.follow(CONTAINERS);
    const leave = feed.subscribe(() => {});
    await until(feed, () => collector.followers === 1);
    leave();
    leave();
    await until(feed, () => collector.followers === 0);
    expect(feed.status).toEqual({ status: "idle" });
  });

  test("tells a stranger so, and goes on when it says who it is", async () => {
    await using feed = open();
    collector.authorization = "Bearer x";
    feed.subscribe(() => {});
    await until(feed, () => feed.status.status === "unauthorized");
    feed.authorize("Bearer x");
    await until(feed, () => feed.topologies !== undefined);
    expect(feed.status.status).toBe("idle");
  });
});
