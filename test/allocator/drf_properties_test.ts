import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subject } from "./contenders.ts";
import { fill, type Market, stepOf, type Vector, worth } from "./filling.ts";

/*
 * The four theorems of "Dominant Resource Fairness" (NSDI 2011) are about divisible tasks. Here a
 * task is a small step, and each bound below is the theorem plus what the size of a step can do.
 *
 * One agent holds the whole cluster, so that nothing is lost between agents: fill() is Algorithm 1
 * of the paper. Notation: R[k] totals; t_i the task of user i; d_i = max_k t_i[k]/R[k] the step of
 * its share; s_i = x_i * d_i its share after x_i tasks; e = max_i d_i; n users. A user is active
 * until a task of its does not fit ("it saturates on k": free[k] < t_i[k]).
 *
 * (S) While i is active nobody runs away: j is served only when s_j <= s_i, so s_j <= s_i + d_j.
 */

const scale = Number(process.env.ALLOCATOR_PROPERTY_SCALE ?? 1);
const allocator = await subject();

function runs(count: number) {
  return { numRuns: Math.ceil(count * scale) };
}

const total = fc.integer({ min: 100_000, max: 1_000_000 });

/** What a user's task takes of each total, in eighths of its step; one kind takes all of it. */
function profile(least: number) {
  const eighth = fc.integer({ min: least, max: 8 });
  return fc
    .tuple(fc.tuple(eighth, eighth, eighth), fc.nat(2))
    .map(([eighths, dominant]) => eighths.map((part, kind) => (kind === dominant ? 8 : part)));
}

interface Wish {
  readonly eighths: readonly number[];
  readonly steps: number;
}

function wish(least: number): fc.Arbitrary<Wish> {
  return fc.record({ eighths: profile(least), steps: fc.integer({ min: 25, max: 50 }) });
}

function taskOf(totals: Vector, { eighths, steps }: Wish): Vector {
  return totals.map((all, kind) => Math.floor((all * eighths[kind]!) / 8 / steps));
}

const market: fc.Arbitrary<Market> = fc
  .record({
    totals: fc.tuple(total, total, total),
    wishes: fc.array(wish(0), { minLength: 2, maxLength: 4 }),
  })
  .map(({ totals, wishes }) => ({ totals, tasks: wishes.map((one) => taskOf(totals, one)) }));

/** By how much the least share may stay below its part of the cluster. */
function shareGuaranteeGap(tested: Market, counts: readonly number[]): number {
  const steps = tested.tasks.map((task) => stepOf(tested, task));
  const least = Math.min(...counts.map((count, user) => count * steps[user]!));
  return 1 / counts.length - least;
}

describe("DRF", () => {
  /*
   * When the first user f saturates, on k, all are active: used[k] > R[k] - t_f[k] gives
   * sum_j s_j > 1 - e, and by (S) every s_j <= least + e. So least > (1 - e)/n - e, and shares
   * only grow from there.
   */
  test("gives everybody the share of an equal part: share guarantee", () => {
    fc.assert(
      fc.property(market, (tested) => {
        const { counts } = fill(allocator, tested);
        const e = Math.max(...tested.tasks.map((task) => stepOf(tested, task)));
        expect(shareGuaranteeGap(tested, counts)).toBeLessThan(e + e / counts.length);
      }),
      runs(800),
    );
  });

  test("breaks the share guarantee when a kind is left out: the check has teeth", () => {
    const tasks = [
      [1_900, 2_000, 0],
      [2_000, 0, 0],
    ];
    const tested: Market = { totals: [100_000, 100_000, 100_000], tasks };
    const unfair = fill(allocator, tested, { fairnessExcluded: ["cpus"] });
    expect(shareGuaranteeGap(tested, fill(allocator, tested).counts)).toBeLessThan(0.03);
    expect(shareGuaranteeGap(tested, unfair.counts)).toBeGreaterThan(0.3);
  });

  /*
   * Exact. Tasks of one user take kinds in a fixed ratio, so a better allocation for i that harms
   * nobody needs a whole t_i beyond what all of them hold now: it must fit into what is free.
   */
  test("leaves nothing that somebody could still use: Pareto efficiency", () => {
    fc.assert(
      fc.property(market, (tested) => {
        const { free } = fill(allocator, tested);
        for (const task of tested.tasks) expect(worth(task, free)).toBeLessThan(1);
        for (const millis of free) expect(millis).toBeGreaterThanOrEqual(0);
      }),
      runs(800),
    );
  });

  /*
   * What is B_j = x_j t_j worth to i? Let i saturate on k when j has y tasks, z more come later.
   * If t_j[k] = 0 the bundle is worth nothing to i. Else z t_j[k] <= free[k] < t_i[k]: the later
   * tasks are worth less than one to i. The first y are worth at most what they take of i's
   * dominant kind: y d_j <= s_i + d_j by (S). In shares: worth * d_i < s_i + d_j + d_i.
   */
  test("gives nobody a bundle that another would rather have: envy-freeness", () => {
    fc.assert(
      fc.property(market, (tested) => {
        const { tasks } = tested;
        const { counts } = fill(allocator, tested);
        const steps = tasks.map((task) => stepOf(tested, task));
        for (const [i, own] of tasks.entries()) {
          for (const [j, other] of tasks.entries()) {
            const bundle = other.map((millis) => millis * counts[j]!);
            const envied = worth(own, bundle) * steps[i]!;
            expect(envied).toBeLessThan((counts[i]! + 1) * steps[i]! + steps[j]! + 1e-9);
          }
        }
      }),
      runs(800),
    );
  });

  /*
   * The liar i says t' instead of t; its t takes something of every kind, at least 1/b of its step.
   * c_j[k] = t_j[k]/(R[k] d_j), true tasks; C = max_k sum_j c_j[k]; e includes the step of the lie.
   *
   * The lie: let o be when the first other user saturates (or the end). Until o all others are
   * active, so s_j >= v - e, where v = worth(i's bundle at o) * d_i <= what i shows as its share.
   * Everything fits: v c_i[k] + sum_j (v - e) c_j[k] <= 1 for the k of C: v <= (1 + n e)/C.
   * After o less than e of one kind is free, which is worth less than b e.
   * The truth: at the first saturation, on some k, sum_j s_j c_j[k] > 1 - e, and by (S)
   * s_j <= s_i + e: s_i > (1 - e)/C - e.
   * So a lie gains less than (n + 1) e/C + e + b e.
   */
  test("gives nothing to who lies about its task: strategy-proofness", () => {
    const lie = fc.record({ others: market, truth: wish(2), said: wish(0) });
    fc.assert(
      fc.property(lie, ({ others: { totals, tasks }, truth, said }) => {
        const own = taskOf(totals, truth);
        const honest: Market = { totals, tasks: [own, ...tasks] };
        const lying: Market = { totals, tasks: [taskOf(totals, said), ...tasks] };
        const step = stepOf(honest, own);
        const gain = (counts: readonly number[], { tasks: [shown = own] }: Market) =>
          worth(
            own,
            shown.map((millis) => millis * counts[0]!),
          ) * step;
        const before = gain(fill(allocator, honest).counts, honest);
        const after = gain(fill(allocator, lying).counts, lying);
        expect(after - before).toBeLessThan(lieBound(honest, lying));
      }),
      runs(600),
    );
  });
});

/** The most that a lie of the first user can bring: see above. */
function lieBound(honest: Market, lying: Market): number {
  const { totals, tasks } = honest;
  const steps = tasks.map((task) => stepOf(honest, task));
  const e = Math.max(...steps, stepOf(lying, lying.tasks[0]!));
  const perShare = (user: number, kind: number) =>
    tasks[user]![kind]! / totals[kind]! / steps[user]!;
  const demand = totals.map((_, kind) =>
    tasks.reduce((sum, _task, user) => sum + perShare(user, kind), 0),
  );
  const b = Math.max(...totals.map((_, kind) => 1 / perShare(0, kind)));
  return ((tasks.length + 1) * e) / Math.max(...demand) + e + b * e;
}
