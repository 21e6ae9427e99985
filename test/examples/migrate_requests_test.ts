/** What is asked of a run: taken up once, by whoever runs, for whoever still waits. */

import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";
import { EmbeddedZooKeeper, ZooKeeper } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { type Act, request, serveRequests } from "../../examples/migrate/requests.ts";
import { codeOf } from "../zookeeper/conformance.ts";

const PLACE = "/fairlead-migration/m/requests";
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function open() {
  const server = await EmbeddedZooKeeper.start({ port: 0 });
  const [asker, runner] = await Promise.all(
    [0, 1].map(() => ZooKeeper.connect(server.connectString, { sessionTimeoutMs: 10_000 })),
  );
  if (asker === undefined || runner === undefined) throw new Error("There is no client");
  for (const path of ["/fairlead-migration", "/fairlead-migration/m", PLACE])
    await asker.create(path);
  const ending = new AbortController();
  const runs: Promise<void>[] = [];
  return {
    asker,
    runner,
    serve(perform: (act: Act) => Promise<unknown>) {
      runs.push(serveRequests(runner, "m", perform, ending.signal));
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await Promise.all(runs);
      await asker.close();
      await runner.close();
      await server.stop();
    },
  };
}

test("what nobody takes up is taken back: a run that begins later does not do it", async () => {
  await using world = await open();
  const { asker } = world;
  expect(await codeOf(request(asker, "m", "cutover", { takenMs: 300 }))).toBe("nobody_runs");
  expect((await asker.children(PLACE)).names).toEqual([]);
  const waiting = codeOf(request(asker, "m", "cutover"));
  await sleep(100);
  expect(await asker.ephemerals()).toHaveLength(1);
  await asker.close();
  expect(await waiting).not.toBe("");
  const done: Act[] = [];
  world.serve(async (act) => done.push(act));
  await sleep(500);
  expect(done).toEqual([]);
});

test("acts come one after the other, a rollback at once; what fails is told", async () => {
  await using world = await open();
  const { asker } = world;
  const done: Act[] = [];
  let finish = () => {};
  world.serve(async (act) => {
    if (act === "cutover") await new Promise<void>((resolve) => (finish = resolve));
    done.push(act);
    if (act === "verify") return { differences: ["x".repeat(2_000_000)] };
    if (act === "finalize") throw new FairleadError("soak_not_over", "Cannot finalize");
    return undefined;
  });
  const cutover = request(asker, "m", "cutover");
  await sleep(300);
  const finalize = request(asker, "m", "finalize");
  expect(await request(asker, "m", "rollback")).toEqual({ isDone: true, result: null });
  expect(done).toEqual(["rollback"]);
  finish();
  expect(await cutover).toEqual({ isDone: true, result: null });
  expect(await finalize).toMatchObject({ isDone: false, code: "soak_not_over" });
  // What is too large for an answer is said so, and ends nothing.
  expect(await request(asker, "m", "verify")).toMatchObject({ code: "request_too_large" });
  expect((await asker.children(PLACE)).names).toEqual([]);
});

test("what another run had begun is not begun anew; what is no request is let be", async () => {
  await using world = await open();
  const { asker } = world;
  await asker.create(`${PLACE}/cutover-0000000001`, encode({ act: "cutover", taken: true }));
  await asker.create(`${PLACE}/junk`, new TextEncoder().encode("{"));
  await asker.create(`${PLACE}/other`, encode({ act: "drop" }));
  const done: Act[] = [];
  world.serve(async (act) => done.push(act));
  expect(await request(asker, "m", "verify")).toMatchObject({ isDone: true });
  expect(done).toEqual(["verify"]);
  const { data } = await asker.get(`${PLACE}/cutover-0000000001`);
  expect(JSON.parse(new TextDecoder().decode(data ?? undefined))).toMatchObject({
    outcome: { isDone: false, code: "run_gone" },
  });
});
