/** What is asked of a migration that runs elsewhere: nodes beside its journal. */
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";
import { journalPaths } from "fairlead/migration";
import type { ZooKeeper } from "fairlead/zookeeper/node";

/** What can be asked for. */
export type Act = "cutover" | "rollback" | "finalize" | "finalize-forced" | "verify";

const POLL_MS = 200;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** What became of a request. */
export type Outcome =
  | { readonly isDone: true; readonly result: unknown }
  | { readonly isDone: false; readonly code: string; readonly message: string };

/** Ask, and wait for whoever drives the migration. */
export async function request(zk: ZooKeeper, id: string, act: Act): Promise<Outcome> {
  const { requests } = journalPaths(id);
  const data = encoder.encode(JSON.stringify({ act }));
  const { path } = await zk.create(`${requests}/${act}-`, data, { sequential: true });
  for (;;) {
    const node = await zk.get(path);
    const { outcome } = JSON.parse(decoder.decode(node.data ?? undefined));
    if (outcome !== undefined) {
      await zk.delete(path);
      return outcome;
    }
    await sleep(POLL_MS);
  }
}

/** Do what is asked for, one after the other, until the signal aborts. */
export async function serveRequests(
  zk: ZooKeeper,
  id: string,
  perform: (act: Act) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { requests } = journalPaths(id);
  while (!signal.aborted) {
    const { names } = await zk.children(requests);
    for (const name of names.toSorted(bySequence)) {
      const path = `${requests}/${name}`;
      const { data, stat } = await zk.get(path);
      const { act, outcome } = JSON.parse(decoder.decode(data ?? undefined));
      if (outcome !== undefined) continue;
      const answered = await outcomeOf(perform(act));
      const answer = encoder.encode(JSON.stringify({ act, outcome: answered }));
      await zk.set(path, answer, { version: stat.version });
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

const bySequence = (one: string, other: string) => (one.slice(-10) < other.slice(-10) ? -1 : 1);

async function outcomeOf(performing: Promise<unknown>): Promise<Outcome> {
  try {
    return { isDone: true, result: (await performing) ?? null };
  } catch (error) {
    const { code, message } = FairleadError.from(error);
    return { isDone: false, code, message };
  }
}
