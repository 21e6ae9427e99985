/**
 * A process with an embedded server and a client of it, for tests that kill it.
 *
 * `child.ts FOLDER write` writes without end and prints `acked N` once multi N was answered;
 * `child.ts FOLDER fill` writes until the disk refuses, and prints what becomes of it.
 */
import { writeSync } from "node:fs";
import { FairleadError } from "../../../../src/base/mod.ts";
import { EmbeddedZooKeeper, ZooKeeper } from "../../../../src/zookeeper/node/mod.ts";

const [, , dataDir = "", act = ""] = process.argv;
const say = (line: string) => writeSync(1, `${line}\n`);
const text = new TextEncoder();

async function write(zk: ZooKeeper): Promise<void> {
  const found = await zk.exists("/counter");
  if (found === undefined) {
    await zk.create("/counter");
    await zk.create("/parts");
  }
  let index = Number(new TextDecoder().decode((await zk.get("/counter")).data ?? undefined));
  say(`session ${zk.session.id} ${Buffer.from(zk.session.password).toString("hex")}`);
  await zk.create("/mine", null, { lifetime: { type: "ephemeral" } }).catch(() => undefined);
  for (;;) {
    const sent = Array.from({ length: 5 }, () => {
      index += 1;
      const mine = index;
      const done = zk.multi([
        { type: "set", path: "/counter", data: text.encode(String(mine)) },
        { type: "create", path: `/parts/${mine}-a`, data: new Uint8Array(mine % 3_000) },
        { type: "create", path: `/parts/${mine}-b`, data: null },
      ]);
      return done.then(() => say(`acked ${mine}`));
    });
    await Promise.all(sent);
  }
}

async function fill(server: EmbeddedZooKeeper, zk: ZooKeeper): Promise<void> {
  for (let index = 0; ; index += 1) {
    try {
      await zk.create(`/${index}`, new Uint8Array(100_000));
    } catch (error) {
      say(`at ${index}: ${FairleadError.from(error).code}`);
      break;
    }
  }
  zk.abandon();
  const signal = AbortSignal.timeout(300);
  const again = ZooKeeper.connect(server.connectString, { signal });
  say(
    `then: ${await again.then(
      () => "connected",
      (error: unknown) => String(error),
    )}`,
  );
  const stopped = server.stop().then(() => "stopped", FairleadError.from);
  const outcome = await stopped;
  say(`stop: ${outcome instanceof FairleadError ? outcome.code : outcome}`);
}

const server = await EmbeddedZooKeeper.start({ dataDir });
const zk = await ZooKeeper.connect(server.connectString, { sessionTimeoutMs: 40_000 });
if (act === "write") await write(zk);
if (act === "fill") await fill(server, zk);
