/** What a task wants of an agent, in the form in which offers are cut. */

/** Whether resources reserved to the role (or one above it) are used. */
export type ReservedUse =
  /** Reserved ones first, then unreserved ones. */
  "prefer" | "only" | "never";

/** Which of an agent's resources may be used. */
export interface View {
  readonly reserved: ReservedUse;
  /** Cpus that can be taken back at any time, instead of others. */
  readonly revocable: boolean;
}

/** Ports in the order in which they were asked for; 0 is any. */
export interface PortDemand {
  readonly wanted: readonly number[];
  /** How many may be any. */
  readonly count: number;
  /** Those that must be these. */
  readonly fixed: readonly number[];
}

export function portDemand(wanted: readonly number[]): PortDemand {
  const fixed = wanted.filter((port) => port !== 0);
  return { wanted, count: wanted.length - fixed.length, fixed };
}

/** A piece that becomes the resources of one task, or of an executor. */
export interface Part extends View {
  /** Thousandths by kind: "cpus", "mem", "disk", "gpus" and any other scalar. */
  readonly millis: Readonly<Record<string, number>>;
  readonly ports: PortDemand;
  /** Ids of persistent volumes. */
  readonly volumes: readonly string[];
}

/** The sum of parts: what the agent must have. */
export function sumParts(parts: readonly Part[]): Part {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const millis: Record<string, number> = {};
  const wanted: number[] = [];
  const volumes: string[] = [];
  for (const part of parts) {
    for (const [name, amount] of Object.entries(part.millis)) {
      millis[name] = (millis[name] ?? 0) + amount;
    }
    wanted.push(...part.ports.wanted);
    volumes.push(...part.volumes);
  }
  const { reserved = "prefer", revocable = false } = first ?? {};
  return { millis, ports: portDemand(wanted), volumes, reserved, revocable };
}

/** The kinds that the placement kernel knows. */
export const KERNEL_KINDS = ["cpus", "mem", "disk", "gpus"] as const;

/** Kinds beyond those of the kernel. */
export function otherKinds(part: Part): readonly [name: string, millis: number][] {
  let others: [string, number][] | undefined;
  for (const name in part.millis) {
    const amount = part.millis[name] ?? 0;
    if (amount === 0 || KERNEL_KINDS.some((kind) => kind === name)) continue;
    others ??= [];
    others.push([name, amount]);
  }
  return others ?? [];
}
