/** Many connections of one client to one server become a few, with how many they stand for. */
import type { Connection } from "./connection.ts";

/** A connection that stands for some. */
export interface Folded {
  readonly connection: Connection;
  /** At least 1. */
  readonly count: number;
}

/** Up to so many are all kept. */
const KEPT_MAX = 5;
const DIVISOR = 3;

/**
 * Fold connections of equal client, server, server's port and processes.
 *
 * Of more than five those are kept whose client's port can be divided by 3 often enough that five
 * or fewer remain: the probes of both hosts keep the same ones. The sum of counts stays.
 *
 * @param pairOf A text that names the two processes: connections of different ones are not folded.
 */
export function foldConnections(
  connections: readonly Connection[],
  pairOf: (connection: Connection) => string,
): Folded[] {
  const groups = new Map<string, Connection[]>();
  for (const each of connections) {
    const { client, server, namespace } = each;
    const key = `${namespace} ${client.ip} ${server.ip} ${server.port} ${pairOf(each)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].flatMap(foldGroup);
}

function foldGroup(group: readonly Connection[]): Folded[] {
  let kept = group;
  for (let divisor = DIVISOR; kept.length > KEPT_MAX; divisor *= DIVISOR) {
    const fewer = kept.filter(({ client }) => client.port % divisor === 0);
    if (fewer.length === 0) break;
    kept = fewer;
  }
  if (kept.length > KEPT_MAX) kept = kept.slice(0, KEPT_MAX);
  const share = Math.floor(group.length / kept.length);
  const rest = group.length - share * kept.length;
  return kept.map((connection, index) => ({ connection, count: share + (index < rest ? 1 : 0) }));
}
