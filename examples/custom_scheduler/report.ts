/** What the example says about a moment, and how it prints it. */
import type { Allocator, Explanation } from "fairlead";

/** One tenant of the cluster. */
export interface Team {
  readonly role: string;
  readonly weight: number;
  readonly quota: { readonly guarantees?: string; readonly limits?: string };
  readonly job: string;
  readonly demand: number;
}

/** Where one team stands. */
export interface Standing {
  readonly role: string;
  readonly cpus: number;
  readonly memMb: number;
  /** Dominant share, divided by the team's weight. */
  readonly share: number;
  readonly waiting: number;
  /** Why the waiting jobs wait, and on how many machines for that reason. */
  readonly why?: { readonly code: string; readonly agents: number; readonly message: string };
}

/** One moment. */
export interface Row {
  readonly timeMs: number;
  readonly teams: readonly Standing[];
}

/** Read everybody's standing, and ask on behalf of those who wait. */
export function summarise(
  allocator: Allocator,
  teams: readonly Team[],
  waiting: ReadonlyMap<string, number>,
  timeMs: number,
): Row {
  const shares = new Map(allocator.shares().map((share) => [share.role, share]));
  const standings = teams.map(({ role }) => {
    const { allocated, share } = shares.get(role)!;
    const jobs = waiting.get(role)!;
    const standing = {
      role,
      cpus: allocated.get("cpus") / 1_000,
      memMb: allocated.get("mem") / 1_000,
      share,
      waiting: jobs,
    };
    return jobs > 0 ? { ...standing, why: mostCommon(allocator.explain(role)) } : standing;
  });
  return { timeMs, teams: standings };
}

/** The reason that holds on most machines, with the words of one of them. */
function mostCommon(explanations: readonly Explanation[]) {
  const counts = new Map<string, number>();
  for (const { code } of explanations) counts.set(code, (counts.get(code) ?? 0) + 1);
  const [[code, agents] = ["", 0]] = [...counts].sort((a, b) => b[1] - a[1]);
  const { message = "" } = explanations.find((each) => each.code === code) ?? {};
  return { code, agents, message };
}

/** A line every minute, each team's mean, and the allocator's words for those who wait at the end. */
export function print(teams: readonly Team[], rows: readonly Row[]): void {
  console.log(
    ` time ${teams.map(({ role }) => `   ${role.padEnd(14)}`).join("")}   who waits, and why`,
  );
  console.log(`      ${teams.map(() => "   cpus share wait").join("")}`);
  for (const { timeMs, teams: standings } of rows.filter(({ timeMs }) => timeMs % 60_000 === 0)) {
    const reasons = standings.flatMap(({ role, why }) =>
      why ? [`${role}: ${why.code} on ${why.agents}`] : [],
    );
    const minute = `${timeMs / 60_000} min`.padStart(6);
    console.log(`${minute}${standings.map(cell).join("")}   ${reasons.join("; ")}`.trimEnd());
  }
  for (const [index, { role }] of teams.entries()) {
    const mean = (pick: (standing: Standing) => number) =>
      (rows.reduce((sum, row) => sum + pick(row.teams[index]!), 0) / rows.length).toFixed(1);
    const [cpus, jobs] = [mean(({ cpus }) => cpus), mean(({ waiting }) => waiting)];
    console.log(`${role}: ${cpus} cpus and ${jobs} jobs waiting on average`);
  }
  for (const { role, waiting, why } of rows.at(-1)?.teams ?? []) {
    if (why) console.log(`${role} waits with ${waiting} jobs: ${why.message}`);
  }
}

function cell({ cpus, share, waiting }: Standing): string {
  return `   ${String(cpus).padStart(4)}  ${share.toFixed(2)} ${String(waiting).padStart(4)}`;
}
