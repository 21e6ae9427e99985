/** A made-up trace of the shape of a GPU production cluster, from a seed. */
import type { SeededRandom } from "fairlead/base";
import type { Node, Pod, Trace } from "./trace.ts";

const GIB = 1_024_000;
/** How often of a hundred, and what the machine has. */
const MACHINES = [
  { part: 30, cpus: 96, memGib: 384, gpus: 8, model: "G2" },
  { part: 35, cpus: 96, memGib: 720, gpus: 8, model: "G3" },
  { part: 20, cpus: 64, memGib: 256, gpus: 2, model: "T4" },
  { part: 15, cpus: 48, memGib: 192, gpus: 4, model: "V100" },
];
/** How often of a hundred, and what the pod asks; `gpuMillis` 0 is a share drawn at random. */
const KINDS = [
  { part: 15, cpus: [2, 16], gpuMillis: undefined },
  { part: 35, cpus: [2, 10], gpuMillis: 0 },
  { part: 38, cpus: [4, 16], gpuMillis: 1_000 },
  { part: 5, cpus: [8, 24], gpuMillis: 2_000 },
  { part: 4, cpus: [16, 48], gpuMillis: 4_000 },
  { part: 3, cpus: [32, 96], gpuMillis: 8_000 },
] as const;
const SHARES = [100, 200, 250, 300, 460, 500, 650, 800, 900];

/** @param size How many machines; there are four pods for each. */
export function generateTrace(size: number, random: SeededRandom): Trace {
  const nodes = Array.from({ length: size }, (_, i): Node => {
    const { cpus, memGib, gpus, model } = draw(MACHINES, random);
    const id = `node-${String(i).padStart(4, "0")}`;
    return { id, cpusMillis: cpus * 1000, memMillis: memGib * GIB, gpus, gpuModel: model };
  });
  const pods = Array.from({ length: size * 4 }, (_, i): Pod => {
    const { cpus, gpuMillis } = draw(KINDS, random);
    const cpusMillis = (cpus[0] + random.int(cpus[1] - cpus[0] + 1)) * 1000;
    const picky = gpuMillis !== undefined && random.int(12) === 0;
    return {
      name: `pod-${String(i).padStart(5, "0")}`,
      cpusMillis,
      memMillis: (cpusMillis / 1000) * (2 + random.int(5)) * GIB,
      gpuMillis: gpuMillis === 0 ? SHARES[random.int(SHARES.length)]! : (gpuMillis ?? 0),
      gpuModels: picky ? ["G2", "G3"] : [],
    };
  });
  return { nodes, pods };
}

function draw<T extends { readonly part: number }>(kinds: readonly T[], random: SeededRandom): T {
  let rest = random.int(kinds.reduce((sum, { part }) => sum + part, 0));
  for (const kind of kinds) {
    rest -= kind.part;
    if (rest < 0) return kind;
  }
  return kinds[0]!;
}
