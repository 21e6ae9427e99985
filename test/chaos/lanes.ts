/** What the clients of an application do to its ensemble, one kind a lane. */
import { FairleadError, type Random } from "fairlead/base";
import { OPEN_ACL, type Operation } from "fairlead/zookeeper";
import type { ZooKeeper } from "fairlead/zookeeper/node";
import type { Call, SideName } from "./history.ts";

const encoder = new TextEncoder();
/** Text as a node has it. */
export const bytes = (text: string): Uint8Array => encoder.encode(text);

/** Codes of calls that nobody knows the outcome of. */
const UNKNOWN = new Set(["connection_loss", "timeout", "session_expired", "client_closed"]);

/** Whether an error says that the server refused, and so that nothing was done. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FairleadError && !UNKNOWN.has(error.code);
}

/** What a lane does in a turn, besides its own slot. */
export interface Turn {
  readonly kind: string;
  readonly operations: readonly Operation[];
  readonly writes: Call["writes"];
  /** Called with the names that were made. */
  readonly made?: ((paths: readonly string[]) => void) | undefined;
}

/** Where a lane is, with which client. */
export interface Place {
  readonly zk: ZooKeeper;
  readonly side: SideName;
  readonly signal: AbortSignal;
}

/** Chooses what a lane does next; undefined: nothing now. */
export type Behaviour = (place: Place, slot: string) => Promise<Turn | undefined>;

/** Only its own slot, which counts. */
export const register: Behaviour = async () => ({ kind: "set", operations: [], writes: [] });

/** One of several counters, by compare-and-set. */
export function counter(paths: readonly string[], random: Random): Behaviour {
  return async ({ zk, signal }, slot) => {
    const path = paths[random.int(paths.length)] ?? "";
    const { data, stat } = await zk.get(path, { signal });
    const value = Number(new TextDecoder().decode(data ?? undefined).split(" ")[0]);
    const text = `${value + 1} ${slot}`;
    const set = { type: "set", path, data: bytes(text), version: stat.version } as const;
    return { kind: "increment", operations: [set], writes: [{ path, text }] };
  };
}

/** Many nodes that always have the same text: a few, or seldom a hundred. */
export function group(paths: readonly string[]): Behaviour {
  return async (_, slot) => {
    const writes = paths.map((path) => ({ path, text: slot }));
    const operations = paths.map((path) => ({ type: "set", path, data: bytes(slot) }) as const);
    return { kind: "group", operations, writes };
  };
}

/** A queue: something behind, now and then something away. */
export function queue(parent: string): Behaviour {
  const own: string[] = [];
  return async (_, slot) => {
    const create = {
      type: "create",
      path: `${parent}/n-`,
      data: bytes(slot),
      sequential: true,
    } as const;
    const [oldest] = own.length > 5 ? own : [];
    const removal = oldest === undefined ? [] : [{ type: "delete", path: oldest } as const];
    // Whatever becomes of it, it is not tried again.
    if (oldest !== undefined) own.shift();
    return {
      kind: "enqueue",
      operations: [create, ...removal],
      writes: [],
      made: (paths) => own.push(...paths),
    };
  };
}

const ADA = [
  ...OPEN_ACL,
  { permissions: 1, scheme: "digest", id: "ada:1EvgRGQcoV7qrMUDfBZYwnUnwAY=" },
];

/** Nodes of every kind come, change and go, null and empty, with ACLs and strange names. */
export function churn(parent: string, random: Random): Behaviour {
  const names = ["plain", "größe-日本", "with space", "null", "deep"].map(
    (it) => `${parent}/${it}`,
  );
  return async ({ zk, signal }, slot) => {
    const path = names[random.int(names.length)] ?? parent;
    const stat = await zk.exists(path, { signal });
    const data = [null, new Uint8Array(0), bytes(slot)][random.int(3)] ?? null;
    const turn = (operation: Operation): Turn => ({
      kind: "churn",
      operations: [operation],
      writes: [],
    });
    if (stat === undefined) {
      const acl = random.int(2) === 0 ? ADA : OPEN_ACL;
      const kinds = [{ type: "persistent" }, { type: "ttl", ttlMs: 86_400_000 }] as const;
      return turn({ type: "create", path, data, acl, lifetime: kinds[random.int(2)] });
    }
    if (random.int(4) === 0) return turn({ type: "delete", path });
    // By itself, for it cannot be part of a multi; that it is lost or refused does not matter.
    if (random.int(4) === 0)
      await zk.setAcl(path, random.int(2) === 0 ? ADA : OPEN_ACL, { signal });
    return turn({ type: "set", path, data });
  };
}

/** An ephemeral that is made again wherever the lane comes to. */
export function member(path: string): Behaviour {
  return async ({ zk, signal }) => {
    const stat = await zk.exists(path, { signal });
    if (stat === undefined) {
      await zk.create(path, null, { lifetime: { type: "ephemeral" }, signal });
    }
    return undefined;
  };
}
