/**
 * What is asked of a migration that runs elsewhere: nodes beside its journal. They go with whoever
 * asks, so that nothing is done for somebody who gave up.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";
import { journalPaths } from "fairlead/migration";
import type { ZooKeeper } from "fairlead/zookeeper/node";
import * as z from "zod";

const ACTS = ["cutover", "rollback", "finalize", "finalize-forced", "verify"] as const;

/** What can be asked for. */
export type Act = (typeof ACTS)[number];

const POLL_MS = 200;
/** How long a run may take to take a request up. */
const TAKEN_MS = 10_000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

const outcomeSchema = z.discriminatedUnion("isDone", [
  z.object({ isDone: z.literal(true), result: z.unknown() }),
  z.object({ isDone: z.literal(false), code: z.string(), message: z.string() }),
]);
const schema = z.object({
  act: z.enum(ACTS),
  /** Whether a run has taken it up. */
  taken: z.boolean().optional(),
  outcome: outcomeSchema.optional(),
});
type Asked = z.output<typeof schema>;

/** What became of a request. */
export type Outcome = z.output<typeof outcomeSchema>;

/**
 * Ask, and wait for whoever drives the migration.
 *
 * @throws {FairleadError} `nobody_runs` when no run takes it up in `takenMs`; what the client throws.
 */
export async function request(
  zk: ZooKeeper,
  id: string,
  act: Act,
  { takenMs = TAKEN_MS }: { readonly takenMs?: number } = {},
): Promise<Outcome> {
  const options = { sequential: true, lifetime: { type: "ephemeral" } } as const;
  const place = `${journalPaths(id).requests}/${act}-`;
  const { path } = await zk.create(place, encode({ act }), options);
  const untilMs = performance.now() + takenMs;
  for (;;) {
    const asked = read((await outlasting(() => zk.get(path))).data);
    if (asked?.outcome !== undefined || (!asked?.taken && performance.now() > untilMs)) {
      await outlasting(() => zk.delete(path)).catch(unlessGone);
      return asked?.outcome ?? nobody(id, act);
    }
    await sleep(POLL_MS);
  }
}

/**
 * Do what is asked for until the signal aborts: one act after the other, but for a rollback, which
 * does not wait.
 *
 * @throws What the client throws, other than a lost connection.
 */
export async function serveRequests(
  zk: ZooKeeper,
  id: string,
  perform: (act: Act) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { requests } = journalPaths(id);
  let seen = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  while (!signal.aborted) {
    const { names } = await outlasting(() => zk.children(requests), signal);
    for (const name of names.filter((each) => !seen.has(each)).toSorted(bySequence)) {
      const path = `${requests}/${name}`;
      const act = await take(zk, path);
      if (act === undefined) continue;
      const before = act === "rollback" ? Promise.resolve() : turn;
      const answered = before.then(() => answer(zk, path, act, perform));
      turn = act === "rollback" ? Promise.all([turn, answered]) : answered;
    }
    seen = new Set(names);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Take a request up; undefined when there is nothing to be done for it. */
async function take(zk: ZooKeeper, path: string): Promise<Act | undefined> {
  try {
    const { data } = await outlasting(() => zk.get(path));
    const asked = read(data);
    if (asked === undefined || asked.outcome !== undefined) return undefined;
    const { act } = asked;
    if (asked.taken) {
      // Whoever took it is gone. It is not begun anew: where it stood, nobody knows.
      await tell(zk, path, { act, outcome: gone(act) });
      return undefined;
    }
    await tell(zk, path, { act, taken: true });
    return act;
  } catch (error) {
    unlessGone(error);
    return undefined;
  }
}

async function answer(
  zk: ZooKeeper,
  path: string,
  act: Act,
  perform: (act: Act) => Promise<unknown>,
): Promise<void> {
  const outcome = await outcomeOf(() => perform(act));
  const told = (what: Outcome) => tell(zk, path, { act, outcome: what });
  // What cannot be told, for it is too large, is told to be so; who is gone is told nothing.
  await told(outcome)
    .catch((error: unknown) => told(failed(error)))
    .catch(() => undefined);
}

async function tell(zk: ZooKeeper, path: string, asked: Asked): Promise<void> {
  await outlasting(() => zk.set(path, encode(asked)));
}

async function outcomeOf(perform: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { isDone: true, result: (await perform()) ?? null };
  } catch (error) {
    return failed(error);
  }
}

/** Do it again while the connection is lost: for what may be done twice. */
async function outlasting<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isLost = FairleadError.from(error).code === "connection_loss";
      if (!isLost || signal?.aborted) throw error;
      await sleep(POLL_MS);
    }
  }
}

function unlessGone(error: unknown): void {
  if (FairleadError.from(error).code !== "no_node") throw error;
}

const bySequence = (one: string, other: string) => (one.slice(-10) < other.slice(-10) ? -1 : 1);
const encode = (asked: Asked) => encoder.encode(JSON.stringify(asked));

/** A request; undefined when it is none of ours. */
function read(data: Uint8Array | null): Asked | undefined {
  try {
    return schema.parse(JSON.parse(decoder.decode(data ?? undefined)));
  } catch {
    return undefined;
  }
}

function failed(error: unknown): Outcome {
  const { code, message } = FairleadError.from(error);
  return { isDone: false, code, message };
}

function gone(act: Act): Outcome {
  const message = `Cannot tell what became of ${act}: the run that began it is gone; ask for the status`;
  return { isDone: false, code: "run_gone", message };
}

function nobody(id: string, act: Act): never {
  throw new FairleadError(
    "nobody_runs",
    `Cannot ${act}: no run of migration "${id}" takes it up; start one, and ask again`,
  );
}
