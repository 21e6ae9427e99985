/** Requests with bytes that were changed: the core refuses or does them, and its tree stays sound. */

import { FairleadError, SeededRandom } from "fairlead/base";
import { childOf, nameOf, parentOf } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import type { ServerTree } from "../../../src/zookeeper/server/tree.ts";
import { requestOf } from "../node/server/raw.ts";
import { stepFrom } from "../node/server/steps.ts";
import { Bench } from "./harness.ts";

/** What is wrong with a tree. */
function faultsOf(tree: ServerTree): string[] {
  const faults: string[] = [];
  const ephemerals = new Set(tree.owners().flatMap((id) => tree.ephemeralsOf(id)));
  for (const { facts, children } of tree.nodes()) {
    const { path, lifetime } = facts;
    const parent = tree.get(parentOf(path));
    if (path !== "/" && !parent?.children.has(nameOf(path))) faults.push(`${path} is no child`);
    for (const name of children) {
      if (tree.get(childOf(path, name)) === undefined) faults.push(`${path}/${name} is missing`);
    }
    if ((lifetime.type === "ephemeral") !== ephemerals.has(path)) faults.push(`${path}: owner`);
    if (lifetime.type === "ephemeral" && children.size > 0) faults.push(`${path} has children`);
  }
  return faults;
}

/** A few bytes changed, cut off, or put behind. */
function damaged(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let flips = random.int(4); flips > 0; flips -= 1) {
    copy[4 + random.int(copy.length - 4)] = random.int(256);
  }
  if (random.int(4) === 0) return copy.subarray(0, 4 + random.int(copy.length - 3));
  return random.int(8) === 0 ? Uint8Array.from([...copy, ...copy.subarray(4)]) : copy;
}

test.each([1, 2, 3, 4])("20,000 damaged requests of seed %i", (seed) => {
  const random = new SeededRandom(seed);
  const bench = new Bench();
  const clients = [bench.client(), bench.client(), bench.client()];
  const codes = new Set<string>();
  for (let round = 0; round < 20_000; round += 1) {
    const { client, opcode, write } = stepFrom(random);
    const bytes = damaged(requestOf(round, opcode, write), random);
    const connection = clients[client]?.connection;
    if (connection === undefined) throw new RangeError("there is no such client");
    let verdict = "close";
    try {
      verdict = bench.core.receive(connection, bytes, 4, bytes.length);
    } catch (error) {
      codes.add(error instanceof FairleadError ? error.code : String(error));
    }
    connection.outlet.writer.take();
    bench.steadyMs += 1;
    if (round % 500 === 0) bench.core.expire();
    if (verdict === "open" && connection.session !== undefined) continue;
    bench.core.detach(connection);
    clients[client] = bench.client();
  }
  expect([...codes]).toEqual(["invalid_packet"]);
  expect(faultsOf(bench.core.tree)).toEqual([]);
  expect(bench.core.tree.size).toBeGreaterThan(5);
});
