import { describe, expect, test } from "vitest";
import { FairleadError, SeededRandom, systemClock, VirtualClock } from "../../../src/base/mod.ts";
import { KUBE_KINDS, type KubeKind } from "../../../src/probe/kubernetes/objects.ts";
import {
  type KubeApi,
  KubeWatch,
  type KubeWatchOptions,
} from "../../../src/probe/kubernetes/watch.ts";
import { kubeApi } from "../../../src/probe/node/kubernetes/api.ts";
import { KubeServer } from "../support/kube_server.ts";

const PODS = "/api/v1/pods";
const pod = (uid: string, phase = "Running") => ({
  metadata: { uid, name: `pod-${uid}` },
  status: { phase },
});
const kind = KUBE_KINDS.find(({ path }) => path === PODS) as KubeKind;

function follow(api: KubeApi, more: Partial<KubeWatchOptions> = {}) {
  const stop = new AbortController();
  const changes: string[] = [];
  const watch = new KubeWatch({
    kind,
    api,
    clock: systemClock,
    random: new SeededRandom(1),
    onChange: ({ uid }, isGone) => changes.push(`${isGone ? "-" : "+"}${uid}`),
    ...more,
  });
  const running = watch.run(stop.signal).catch(() => undefined);
  const close = () => {
    stop.abort(new FairleadError("aborted", "over"));
    return running;
  };
  return { watch, changes, [Symbol.asyncDispose]: close };
}

const states = (watch: KubeWatch) =>
  [...watch.objects.values()].map(({ uid, words }) => `${uid} ${words.kubernetes_state}`).sort();

describe("KubeWatch", () => {
  test("lists page by page and follows from there", async () => {
    using server = await new KubeServer().listen();
    server.pageMax = 2;
    server.put(PODS, pod("1"), pod("2"), pod("3"));
    await using followed = follow(kubeApi({ url: server.url }), {
      fieldSelector: "spec.nodeName=a",
    });
    const { watch, changes } = followed;
    await expect.poll(() => server.watches(PODS)).toBe(1);
    expect(states(watch)).toEqual(["1 Running", "2 Running", "3 Running"]);
    server.emit(PODS, "MODIFIED", pod("1", "Failed"));
    server.emit(PODS, "DELETED", pod("2"));
    server.emit(PODS, "ADDED", pod("4", "Pending"));
    await expect.poll(() => states(watch)).toEqual(["1 Failed", "3 Running", "4 Pending"]);
    expect(changes).toEqual(["-2", "+4"]);
    for (const { query } of server.asked)
      expect(query.get("fieldSelector")).toBe("spec.nodeName=a");
  });

  test("goes on at the last version when a watch ends or breaks, bookmarks included", async () => {
    using server = await new KubeServer().listen();
    server.put(PODS, pod("1"));
    await using followed = follow(kubeApi({ url: server.url }));
    await expect.poll(() => server.watches(PODS)).toBe(1);
    server.say(PODS, { type: "BOOKMARK", object: { metadata: { resourceVersion: "77" } } });
    await new Promise((done) => setTimeout(done, 50));
    server.drop(PODS, "end");
    await expect.poll(() => server.asked.length).toBe(3);
    expect(server.asked.at(-1)?.query.get("resourceVersion")).toBe("77");
    server.drop(PODS, "break");
    await expect.poll(() => server.asked.length).toBe(4);
    expect(server.asked.at(-1)?.query.get("resourceVersion")).toBe("77");
    expect(states(followed.watch)).toEqual(["1 Running"]);
  });

  test.each(["answer", "event"])("lists anew when its version is gone (410 as %s)", async (how) => {
    using server = await new KubeServer().listen();
    server.put(PODS, pod("1"));
    await using followed = follow(kubeApi({ url: server.url }));
    await expect.poll(() => server.watches(PODS)).toBe(1);
    server.put(PODS, pod("2"));
    server.version = 100;
    server.oldest = 50;
    if (how === "answer") server.drop(PODS);
    else server.say(PODS, { type: "ERROR", object: { code: 410, message: "too old" } });
    await expect.poll(() => states(followed.watch)).toEqual(["2 Running"]);
    await expect.poll(() => server.watches(PODS)).toBe(1);
    expect(followed.watch.error).toBeUndefined();
  });

  test("keeps what it knows while it is refused, and says so", async () => {
    using server = await new KubeServer().listen();
    server.put(PODS, pod("1"));
    await using followed = follow(kubeApi({ url: server.url }));
    await expect.poll(() => server.watches(PODS)).toBe(1);
    server.token = "another";
    server.drop(PODS);
    await expect.poll(() => followed.watch.error?.details?.status).toBe(401);
    expect(states(followed.watch)).toEqual(["1 Running"]);
    server.token = "";
    await expect.poll(() => server.watches(PODS)).toBe(1);
  });

  test("keeps no more objects than it may, and counts the others", async () => {
    using server = await new KubeServer().listen();
    server.put(PODS, pod("1"), pod("2"), pod("3"));
    await using followed = follow(kubeApi({ url: server.url }), { objectsMax: 2 });
    await expect.poll(() => server.watches(PODS)).toBe(1);
    expect(followed.watch.objects.size).toBe(2);
    expect(followed.watch.passedOver).toBe(1);
  });

  test("waits longer from failure to failure, up to half a minute", async () => {
    const clock = new VirtualClock();
    const askedAtMs: number[] = [];
    const api: KubeApi = {
      async get() {
        askedAtMs.push(clock.nowMs());
        throw new FairleadError("kubernetes_failed", "no", { details: { status: 500 } });
      },
      async *lines() {},
    };
    const followed = follow(api, { clock });
    await clock.advance(300_000);
    const pauses = askedAtMs.slice(1).map((ms, at) => ms - (askedAtMs[at] ?? 0));
    expect(pauses[0]).toBeLessThanOrEqual(1_000);
    expect(pauses.length).toBeGreaterThan(8);
    for (const ms of pauses.slice(6)) {
      expect(ms).toBeGreaterThanOrEqual(15_000);
      expect(ms).toBeLessThanOrEqual(30_000);
    }
    await followed[Symbol.asyncDispose]();
    expect(clock.sleeping).toBe(0);
  });
});
