/** Words and constants by the names and numbers of `src/placement/kernel/layout.ts`. */

export const DEVICES_MAX: i32 = 16;
export const WHOLE: i32 = 1000;
export const GRID_SIDE: i32 = 64;
export const LEAF: i32 = 8;
export const BLOCK: i32 = 64;

/** Words of the column `ints`. */
export const enum I {
  agents = 0,
  maskWords = 1,
  method = 2,
  deviceRule = 3,
  aligned = 4,
  leaves = 5,
  cpuSteps = 6,
  memSteps = 7,
  levels = 8,
  rowWidth = 9,
  totalWeight = 10,
  stride = 11,
  logLength = 12,
  device = 13,
}

/** Words of the column `reals`. */
export const enum R {
  weightCpus = 0,
  weightMem = 1,
  weightDisk = 2,
  weightGpus = 3,
  cpusPart = 4,
  memPart = 5,
  quantumInverse = 6,
  strandWeight = 7,
  gpusPerCpus = 8,
  gpusPerMem = 9,
  cpusSlack = 10,
  memSlack = 11,
  cpusMax = 12,
  memMax = 13,
  bestScore = 14,
}

/** How the best agent is found. */
export const enum Method {
  scan = 0,
  grid = 1,
  tree = 2,
  board = 3,
}

/** Which of an agent's devices gives a share. */
export const enum DeviceRule {
  first = 0,
  tightest = 1,
  freest = 2,
  gradient = 3,
}

/** What is known of a class of tasks. */
export const enum ClassState {
  open = 0,
  refused = 1,
  volatile = 2,
}
