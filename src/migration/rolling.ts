/** The comparison that goes on all the time: some nodes a step, round after round. */

import type { ReadResult } from "../zookeeper/mod.ts";
import type { Difference, Facet } from "./compare.ts";
import type { Rolled } from "./events.ts";
import type { EnsembleClient } from "./ports.ts";
import type { CountsPolicy } from "./reconcile.ts";
import type { Replicator } from "./replicator.ts";
import { sameAcl, sameBytes } from "./same.ts";
import type { Scope } from "./scope.ts";
import { counterOf } from "./watch_mirror.ts";

/** What a {@linkcode RollingCheck} works on. */
export interface RollingOptions {
  readonly source: EnsembleClient;
  readonly target: EnsembleClient;
  readonly replicator: Replicator;
  readonly scope: Scope;
  readonly policy: CountsPolicy;
  /** Rewrites data, as the migration does. */
  readonly data?: ((path: string, data: Uint8Array | null) => Uint8Array | null) | undefined;
  /** Nodes a step. @default 500 */
  readonly nodesMax?: number | undefined;
}

/** A node of one side, as a client reads it. */
interface Read {
  readonly result: ReadResult;
  readonly acl: Awaited<ReturnType<EnsembleClient["getAcl"]>>["acl"];
  readonly children: readonly string[];
}

/**
 * Compares a slice of the nodes a step, read from both sides by clients, so that a round over all
 * of them costs each side a few reads at a time.
 *
 * What changes meanwhile is left out: nodes whose last change is behind the step's beginning. What
 * differs is looked at once more before it is told.
 */
export class RollingCheck {
  readonly #options: RollingOptions;
  #paths: readonly string[] = [];
  #at = 0;
  #rounds = 0;
  #cleanRounds = 0;
  #isClean = true;

  constructor(options: RollingOptions) {
    this.#options = options;
  }

  /**
   * Compare the next nodes.
   *
   * @throws What the clients throw; the signal's reason.
   */
  async step(signal: AbortSignal): Promise<Rolled> {
    const { replicator, nodesMax = 500 } = this.#options;
    if (this.#at === 0) this.#paths = replicator.expected.nodes().map(({ path }) => path);
    const slice = this.#paths.slice(this.#at, this.#at + nodesMax);
    const suspects = await this.#differing(slice, signal);
    const paths = suspects.map(({ path }) => path);
    const differences = paths.length === 0 ? [] : await this.#differing(paths, signal);
    this.#at += slice.length;
    if (differences.length > 0) this.#isClean = false;
    if (this.#at >= this.#paths.length) this.#endRound();
    const [rounds, cleanRounds] = [this.#rounds, this.#cleanRounds];
    return { nodes: slice.length, differences, rounds, cleanRounds };
  }

  #endRound(): void {
    this.#at = 0;
    this.#rounds += 1;
    this.#cleanRounds = this.#isClean ? this.#cleanRounds + 1 : 0;
    this.#isClean = true;
  }

  async #differing(paths: readonly string[], signal: AbortSignal): Promise<Difference[]> {
    const { source, target, replicator, scope } = this.#options;
    const inverse = scope.inverse();
    const begun = replicator.appliedZxid;
    const places = paths.flatMap((path) => {
      const own = inverse.map(path);
      return own === undefined ? [] : [{ path, own }];
    });
    const from = await readAll(
      source,
      places.map(({ own }) => own),
    );
    // The target is asked when it has what the source was seen to have.
    await replicator.reached(source.lastZxid, signal);
    const to = await readAll(
      target,
      places.map(({ path }) => path),
    );
    return places.flatMap(({ path }, index) => {
      if (replicator.changedSince(path, begun)) return [];
      const [one, other] = [from[index], to[index]];
      const facets = one === undefined || other === undefined ? [] : this.#facets(path, one, other);
      return facets.length === 0 ? [] : [{ path, facets }];
    });
  }

  #facets(path: string, one: Read, other: Read): Facet[] {
    const { policy, replicator, data = (_path, bytes) => bytes } = this.#options;
    // It went meanwhile, or is one that stays behind.
    const expected = replicator.expected.get(path);
    if (one.result.error !== undefined || expected === undefined) return [];
    if (other.result.error !== undefined) return ["missing"];
    const facets: Facet[] = [];
    if (!sameBytes(data(path, one.result.data), other.result.data)) facets.push("data");
    if (!sameAcl(one.acl, other.acl)) facets.push("acl");
    // Clients are not told of containers and times to live: the seal compares those.
    if (other.result.stat.ephemeralOwner !== 0n) facets.push("kind");
    if (this.#extra(path, other.children)) facets.push("extra");
    if (path === "/") return facets;
    if (policy.versions && one.result.stat.version !== other.result.stat.version) {
      facets.push("version");
    }
    const [counter, wanted] = [counterOf(other.result.stat), counterOf(one.result.stat)];
    if (policy.counters && counter < wanted) facets.push("counter");
    return facets;
  }

  /** Whether the target has a child here that nobody brought. */
  #extra(path: string, children: readonly string[]): boolean {
    const { replicator, scope } = this.#options;
    const inverse = scope.inverse();
    return children.some((name) => {
      const child = path === "/" ? `/${name}` : `${path}/${name}`;
      return inverse.map(child) !== undefined && replicator.expected.get(child) === undefined;
    });
  }
}

async function readAll(client: EnsembleClient, paths: readonly string[]): Promise<Read[]> {
  const [results, acls, children] = await Promise.all([
    client.getMany(paths),
    Promise.all(paths.map((path) => unlessGone(client.getAcl(path)))),
    Promise.all(paths.map((path) => unlessGone(client.children(path)))),
  ]);
  return results.map((result, index) => ({
    result,
    acl: acls[index]?.acl ?? [],
    children: children[index]?.names ?? [],
  }));
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  return await call.catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "no_node") return undefined;
    throw error;
  });
}
