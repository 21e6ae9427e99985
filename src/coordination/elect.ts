import { FairleadError } from "../base/mod.ts";
import { childOf } from "../zookeeper/mod.ts";
import { laterOr, untilAnswered } from "./base_store.ts";
import { bySequence, sequenceOf } from "./sequence.ts";
import type { CallOptions, Store } from "./store.ts";
import { type Holding, takeTurn } from "./turn.ts";

/** How Mesos calls the nodes of masters whose data is JSON. */
const LABEL = "json.info_";

/** Options of {@linkcode elect}. */
export interface ElectOptions extends CallOptions {
  /** What others read of a leader: for masters, the JSON of their MasterInfo. */
  readonly data: Uint8Array;
  /** How names of candidates begin. @default "json.info_" */
  readonly label?: string | undefined;
}

/** The leadership of an election. */
export type Leadership = Holding;

/**
 * Stand for election; resolves when we lead.
 *
 * The candidate with the lowest number leads. Layout and names are those of Mesos, so its own
 * detectors find the leader, and its masters and ours can stand in one election. When the
 * leadership is `lost`, call it again to stand anew.
 *
 * At most one candidate has `held === true` at any time, whatever is cut, stopped or lost, as long
 * as clocks run equally fast, and nobody deletes nodes or ends sessions by hand; a `fence` holds
 * even then.
 *
 * @example
 * ```ts
 * import { currentLeader, elect, encodeJson, MemoryTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * {
 *   await using leadership = await elect(store, "/mesos", { data: encodeJson({ id: "m1" }) });
 *   console.assert(leadership.held && leadership.path === "/mesos/json.info_0000000000");
 *   await store.multi([leadership.fence, { type: "create", path: "/by-the-leader" }]);
 * }
 * console.assert((await currentLeader(store, "/mesos")) === undefined);
 * ```
 *
 * @throws The signal's reason when we do not lead by then: nothing is left behind. `store_closed`,
 * `store_failed`, and what is wrong with the arguments.
 */
export function elect(store: Store, path: string, options: ElectOptions): Promise<Leadership> {
  const { data, label = LABEL, signal } = options;
  return takeTurn(store, path, { data, label, signal, lostError });
}

/** Who leads. */
export interface Leader {
  readonly path: string;
  /** Grows from leader to leader. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Options of {@linkcode watchLeader}. */
export interface LeaderOptions extends CallOptions {
  /** How names of candidates begin. @default "json.info_" */
  readonly label?: string | undefined;
}

/** The leader at this moment, if any. */
export async function currentLeader(
  store: Store,
  path: string,
  { label = LABEL, signal }: LeaderOptions = {},
): Promise<Leader | undefined> {
  for (;;) {
    const names = await untilAnswered(() => store.list(path, { signal }));
    const [name] = bySequence(names ?? [], label);
    if (name === undefined) return undefined;
    const node = childOf(path, name);
    const found = await untilAnswered(() => store.get(node, { signal }));
    const sequence = sequenceOf(name, label) ?? 0;
    if (found !== undefined) return { path: node, sequence, data: found.value };
  }
}

/**
 * The leader, and every further one; undefined while there is none.
 *
 * While the connection is lost it says nothing: the leader that it named last may be over.
 *
 * @example
 * ```ts
 * import { decodeJson, elect, encodeJson, MemoryTree, watchLeader } from "fairlead/coordination";
 *
 * const tree = new MemoryTree();
 * await using store = tree.connect();
 * await using _leadership = await elect(tree.connect(), "/mesos", { data: encodeJson("m1") });
 * for await (const leader of watchLeader(store, "/mesos")) {
 *   console.assert(leader !== undefined && decodeJson(leader.data) === "m1");
 *   break;
 * }
 * ```
 */
export async function* watchLeader(
  store: Store,
  path: string,
  options: LeaderOptions = {},
): AsyncGenerator<Leader | undefined, undefined> {
  let told: string | undefined = "nothing yet";
  for await (const _ of store.watch(path, { children: true, signal: options.signal })) {
    const leader = await currentLeader(store, path, options).catch(laterOr);
    if (leader === "later" || leader?.path === told) continue;
    told = leader?.path;
    yield leader;
  }
  return undefined;
}

function lostError(path: string, why: string): FairleadError {
  return new FairleadError("leadership_lost", `Cannot lead by ${path}: ${why}`, {
    details: { path },
  });
}
