/**
 * A process with an embedded store, for tests that kill it.
 *
 * `child.ts PATH write` writes without end and prints `acked N` once multi N has resolved;
 * `child.ts PATH hold` opens the store, prints `open` and waits;
 * `child.ts PATH fill` writes until the disk refuses and prints what the store says.
 */
import { writeSync } from "node:fs";
import { FairleadError } from "../../../src/base/mod.ts";
import type { StoreOp } from "../../../src/coordination/mod.ts";
import { EmbeddedStore } from "../../../src/coordination/node/mod.ts";

const [, , path = "", act = ""] = process.argv;
const say = (line: string) => writeSync(1, `${line}\n`);

/** Multi N: a counter, and nodes that must come and go with it. */
export function multi(index: number): StoreOp[] {
  const value = new Uint8Array(300 + (index % 50) * 100).fill(index % 256);
  return [
    { type: "set", path: "/counter", value: new TextEncoder().encode(String(index)) },
    ...Array.from({ length: 10 }, (_, part) => ({
      type: "create" as const,
      path: `/parts/${index}-${part}`,
      value,
    })),
    { type: "create", path: `/parts/${index}-gone`, ephemeral: true },
  ];
}

async function write(store: EmbeddedStore): Promise<void> {
  const counter = await store.get("/counter");
  let index = counter === undefined ? 0 : Number(new TextDecoder().decode(counter.value));
  if (counter === undefined) {
    await store.create("/counter", new TextEncoder().encode("0"));
    await store.create("/parts");
  }
  for (;;) {
    const sent = Array.from({ length: 5 }, () => {
      index += 1;
      const mine = index;
      return store.multi(multi(mine)).then(() => say(`acked ${mine}`));
    });
    await Promise.race(sent);
    if (index % 20 === 0) await Promise.all(sent);
  }
}

async function fill(store: EmbeddedStore): Promise<void> {
  const watch = store.watch("/", { recursive: true });
  await watch.next();
  const states: string[] = [];
  void (async () => {
    for await (const { status } of store.session.changes()) states.push(status);
  })();
  for (let index = 0; ; index += 1) {
    try {
      await store.create(`/${index}`, new Uint8Array(100_000));
    } catch (error) {
      say(`at ${index}: ${FairleadError.from(error).code}`);
      break;
    }
  }
  const next = await store.get("/0").catch((error: unknown) => error);
  say(`then: ${FairleadError.from(next).code}`);
  try {
    for await (const change of watch) if (change.type === "deleted") break;
  } catch (error) {
    say(`watch: ${FairleadError.from(error).code}`);
  }
  say(`states: ${states.join(" ")}`);
  await store.close();
  say(`closed: ${store.session.state.status}`);
}

if (process.argv[1] === import.meta.filename) {
  const store = await EmbeddedStore.open({ path });
  if (act === "write") await write(store);
  if (act === "fill") await fill(store);
  if (act === "hold") {
    say("open");
    setInterval(() => undefined, 1_000);
  }
}
