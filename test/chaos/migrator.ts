/** The migrator of a campaign: a process that can be killed, frozen and cut off. */
import { setInterval } from "node:timers";
import { type Clock, FairleadError, systemClock } from "fairlead/base";
import { type Fence, Migration } from "fairlead/migration";
import { connectSide } from "fairlead/migration/node";
import { type Act, type News, orderSchema, setupSchema } from "./messages.ts";

const SESSION_MS = 6_000;
const DEADLINE_MS = 20_000;
const setup = setupSchema.parse(JSON.parse(process.env.CHAOS_SETUP ?? "{}"));
const answers = new Map<number, () => void>();
let questions = 0;

const tell = (news: News) => void process.send?.(news);

/** Have the campaign do something, and wait until it has. */
function ask(what: string): Promise<void> {
  questions += 1;
  const question = questions;
  tell({ type: "ask", question, what });
  return new Promise((resolve) => answers.set(question, resolve));
}

/** The system's, but the time of day jumps. */
function jumpingClock(jumpMs: number): Clock {
  let offsetMs = 0;
  if (jumpMs > 0) {
    let turn = 0;
    setInterval(() => {
      turn += 1;
      offsetMs = [jumpMs, -jumpMs, 0][turn % 3] ?? 0;
    }, 700).unref();
  }
  return {
    nowMs: () => systemClock.nowMs() + offsetMs,
    sleep: (ms, options) => systemClock.sleep(ms, options),
  };
}

function fail(error: unknown): never {
  const { code, message } = FairleadError.from(error);
  tell({ type: "failed", code, message });
  process.exit(1);
}

const credentials = [{ scheme: "digest", auth: "super:secret" }];
const connect = (connectString: string) =>
  connectSide({ connectString, credentials, sessionTimeoutMs: SESSION_MS });

async function start(): Promise<Migration> {
  const [source, target] = await Promise.all([connect(setup.a), connect(setup.b)]);
  const proxies: Fence = {
    name: "proxies",
    close: () => ask("shut"),
    open: () => ask("unshut"),
  };
  const migration = await Migration.open({
    id: setup.id,
    owner: setup.owner,
    source,
    target,
    mappings: [{ from: setup.root }],
    fenceAcls: setup.fenceAcls,
    fences: setup.fenceProxies ? [proxies] : [],
    hooks: {
      drain: () => ask("drain"),
      openTarget: () => ask("openTarget"),
      openSource: () => ask("openSource"),
    },
    cutoverDeadlineMs: DEADLINE_MS,
    quietMs: 100,
    clock: jumpingClock(setup.clockJumpMs),
  });
  void watch(migration).catch(fail);
  await migration.start();
  tell({ type: "started", phase: migration.phase });
  return migration;
}

async function watch(migration: Migration): Promise<void> {
  const { crash } = setup;
  for await (const event of migration.events()) {
    if (event.type === "phase") {
      tell({ type: "phase", phase: event.phase });
      if (event.phase !== crash?.phase) continue;
      setTimeout(() => process.kill(process.pid, "SIGKILL"), crash.afterMs);
    } else if (event.type === "opened") tell({ type: "opened", fencedMs: event.fencedMs });
    else if (event.type === "lag") tell({ type: "lag", lagMs: event.lagMs });
  }
}

async function perform(migration: Migration, act: Act): Promise<void> {
  try {
    let differences = 0;
    if (act === "cutover") await migration.cutover();
    else if (act === "rollback") await migration.rollback("asked for by the campaign");
    else if (act === "verify") differences = (await migration.verify()).differencesCount;
    else {
      tell({ type: "settled", count: migration.resolved });
      await migration.stop();
      process.exit(0);
    }
    tell({ type: "done", act, differences });
  } catch (error) {
    const { code, message } = FairleadError.from(error);
    tell({ type: "refused", act, code, message });
  }
}

const migration = start();
migration.catch(fail);
process.on("message", (message) => {
  const order = orderSchema.parse(message);
  if (order.type === "act") void migration.then((it) => perform(it, order.act));
  else answers.get(order.question)?.();
});
// Its campaign is gone.
process.on("disconnect", () => process.exit(1));
