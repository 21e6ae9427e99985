/** Amounts as checkpoints keep them: no limit is an absent one, as JSON has no infinity. */
import type { ContainerLimits, ContainerSpec } from "../../containerizer.ts";

type Shares = ContainerSpec["shares"];

/** Leave out limits that are none. */
export function finiteLimits(limits: ContainerLimits): ContainerLimits {
  const { diskBytes, gpus } = limits;
  return {
    ...finiteShares(limits),
    ...(known(diskBytes) ? { diskBytes } : {}),
    ...(known(gpus) ? { gpus } : {}),
  };
}

/** Leave out requests that are none. */
export function finiteShares({ cpus, memBytes }: Shares): Shares {
  return {
    ...(known(cpus) ? { cpus } : {}),
    ...(known(memBytes) ? { memBytes } : {}),
  };
}

function known(value: number | undefined): value is number {
  return Number.isFinite(value);
}
