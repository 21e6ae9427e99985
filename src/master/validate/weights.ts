/** The rules for weights. */
import { faultOfRole } from "./ids.ts";

/** Weights to set, or what is wrong with one of them. */
export type WeightsVerdict =
  | { readonly ok: true; readonly weights: readonly (readonly [role: string, weight: number])[] }
  | { readonly ok: false; readonly message: string };

/** Read an UPDATE_WEIGHTS: roles are trimmed, one wrong weight refuses all. */
export function readWeights(
  infos: readonly { readonly role?: string | undefined; readonly weight: number }[] = [],
): WeightsVerdict {
  const weights: [string, number][] = [];
  for (const info of infos) {
    const role = (info.role ?? "").trim();
    const fault = faultOfRole(role);
    if (fault !== undefined) return wrong(`: Invalid role '${role}': ${fault}`);
    if (!(info.weight > 0 && Number.isFinite(info.weight))) {
      return wrong(
        ` for role '${role}': Invalid weight '${info.weight}': Weights must be positive`,
      );
    }
    weights.push([role, info.weight]);
  }
  return { ok: true, weights };
}

function wrong(fault: string): WeightsVerdict {
  return { ok: false, message: `Failed to validate update weights request JSON${fault}` };
}
