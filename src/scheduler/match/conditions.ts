/** What a task wants that the placement kernel does not count: told to it as attributes. */
import type { PendingTask } from "../task.ts";
import { otherKinds, type Part, type View } from "./demand.ts";
import type { Row } from "./rows.ts";

/** Something that holds on an agent or does not; it can only cease to hold while tasks are placed. */
export interface Condition {
  /** The attribute that carries it; tasks of equal conditions share it. */
  readonly field: string;
  /** What is wrong where it does not hold, for people. */
  readonly fault: string;
  readonly holds: (row: Row) => boolean;
}

/** Whether the kernel counts ports in the place of disk. */
export interface ConditionOptions {
  readonly arePortsCounted: boolean;
}

const NONE: readonly Condition[] = [];

/** The conditions of a task. `total` is the sum of its parts. */
export function conditionsOf(
  task: PendingTask,
  total: Part,
  { arePortsCounted }: ConditionOptions,
): readonly Condition[] {
  const { role } = task;
  const others = otherKinds(total);
  const isBare = total.ports.wanted.length === 0 && total.volumes.length === 0;
  if (role === undefined && isBare && others.length === 0 && isPlain(total)) return NONE;
  const conditions: Condition[] = [];
  if (role !== undefined) {
    conditions.push({
      field: `role ${role}`,
      fault: `not offered to role ${role}`,
      holds: (row) => row.role === role,
    });
  }
  const { ports, volumes } = total;
  const isCounted = arePortsCounted && ports.fixed.length === 0 && isPlain(total);
  if (ports.wanted.length > 0 && !isCounted) {
    const what = portsText(total);
    conditions.push({
      field: `${viewText(total)}${what}`,
      fault: `${what} not free`,
      holds: ({ pool }) => pool.hasPorts(ports, total),
    });
  }
  if (volumes.length > 0) {
    const what = `volume ${volumes.join(", ")}`;
    conditions.push({
      field: what,
      fault: `${what} not there`,
      holds: ({ pool }) => pool.hasVolumes(volumes),
    });
  }
  for (const [name, millis] of others) {
    const what = `${millis / 1_000} ${name}`;
    conditions.push({
      field: `${viewText(total)}${what}`,
      fault: `less than ${what}`,
      holds: ({ pool }) => pool.millisOf(name, total) >= millis,
    });
  }
  if (!isPlain(total)) conditions.push(viewCondition(total));
  return conditions;
}

/** Is it taken from all that an agent has but what is lent? The kernel's sums are of these. */
export function isPlain(view: View): boolean {
  return view.reserved === "prefer" && !view.revocable;
}

/** The kernel sums up more than the view may use, or other things: what it may use is looked at. */
function viewCondition(total: Part): Condition {
  const amounts = Object.entries(total.millis).filter(([, millis]) => millis > 0);
  const what = amounts.map(([name, millis]) => `${millis / 1_000} ${name}`).join(" and ");
  const text = viewText(total);
  return {
    field: `${text}${what}`,
    fault: `less than ${what} ${text.trim()}`,
    holds: ({ pool }) => amounts.every(([name, millis]) => pool.millisOf(name, total) >= millis),
  };
}

function viewText({ reserved, revocable }: View): string {
  const words = [
    ...(reserved === "only" ? ["reserved"] : []),
    ...(reserved === "never" ? ["unreserved"] : []),
    ...(revocable ? ["revocable"] : []),
  ];
  return words.length === 0 ? "" : `${words.join(" ")} `;
}

function portsText({ ports: { count, fixed } }: Part): string {
  const texts = [
    ...(fixed.length === 0 ? [] : [`port ${fixed.join(", ")}`]),
    ...(count === 0 ? [] : [`${count} ${count === 1 ? "port" : "ports"}`]),
  ];
  return texts.join(" and ");
}
