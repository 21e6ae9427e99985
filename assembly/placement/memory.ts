/**
 * Where the columns of `src/placement/kernel/layout.ts` stand in the linear memory.
 *
 * The list follows the order of `offsetsOf`; a test holds both against each other.
 */

// agents
export let cpus: usize = 0;
export let mem: usize = 0;
export let disk: usize = 0;
export let gpuCount: usize = 0;
export let gpuSum: usize = 0;
export let gpuMax: usize = 0;
export let gpuFull: usize = 0;
export let model: usize = 0;
export let gpuFree: usize = 0;
// the batch
export let ints: usize = 0;
export let reals: usize = 0;
export let classCpus: usize = 0;
export let classMem: usize = 0;
export let classDisk: usize = 0;
export let classShare: usize = 0;
export let classWhole: usize = 0;
export let classMask: usize = 0;
export let classState: usize = 0;
export let classSlot: usize = 0;
export let taskClass: usize = 0;
export let taskAgent: usize = 0;
export let taskDevices: usize = 0;
export let masks: usize = 0;
export let gridRow: usize = 0;
export let gridHead: usize = 0;
export let gridCell: usize = 0;
export let gridNext: usize = 0;
export let gridPrev: usize = 0;
export let twinNext: usize = 0;
export let twinPrev: usize = 0;
export let twinTail: usize = 0;
export let nodeCpus: usize = 0;
export let nodeMem: usize = 0;
export let nodeDisk: usize = 0;
export let nodeGpus: usize = 0;
export let nodeBest: usize = 0;
export let nodeShare: usize = 0;
export let nodeWhole: usize = 0;
export let stackNode: usize = 0;
export let stackBound: usize = 0;
export let fragment: usize = 0;
export let strand: usize = 0;
export let level: usize = 0;
export let cpuStep: usize = 0;
export let memStep: usize = 0;
export let usable: usize = 0;
export let score: usize = 0;
export let blockScore: usize = 0;
export let blockAgent: usize = 0;
export let synced: usize = 0;
export let log: usize = 0;
export let lastLog: usize = 0;

let cursor: usize = 0;

function next(): usize {
  cursor += 4;
  return <usize>load<u32>(cursor - 4);
}

/** Read the table of byte offsets that JavaScript wrote. */
export function bind(table: usize): void {
  cursor = table;
  cpus = next();
  mem = next();
  disk = next();
  gpuCount = next();
  gpuSum = next();
  gpuMax = next();
  gpuFull = next();
  model = next();
  gpuFree = next();
  ints = next();
  reals = next();
  classCpus = next();
  classMem = next();
  classDisk = next();
  classShare = next();
  classWhole = next();
  classMask = next();
  classState = next();
  classSlot = next();
  taskClass = next();
  taskAgent = next();
  taskDevices = next();
  masks = next();
  gridRow = next();
  gridHead = next();
  gridCell = next();
  gridNext = next();
  gridPrev = next();
  twinNext = next();
  twinPrev = next();
  twinTail = next();
  nodeCpus = next();
  nodeMem = next();
  nodeDisk = next();
  nodeGpus = next();
  nodeBest = next();
  nodeShare = next();
  nodeWhole = next();
  stackNode = next();
  stackBound = next();
  fragment = next();
  strand = next();
  level = next();
  cpuStep = next();
  memStep = next();
  usable = next();
  score = next();
  blockScore = next();
  blockAgent = next();
  synced = next();
  log = next();
  lastLog = next();
}

/** How many columns the table has. */
export function columns(): i32 {
  return 52;
}

// @ts-ignore: decorator
@inline
export function f64At(column: usize, at: i32): f64 {
  return load<f64>(column + ((<usize>at) << 3));
}

// @ts-ignore: decorator
@inline
export function putF64(column: usize, at: i32, value: f64): void {
  store<f64>(column + ((<usize>at) << 3), value);
}

// @ts-ignore: decorator
@inline
export function i32At(column: usize, at: i32): i32 {
  return load<i32>(column + ((<usize>at) << 2));
}

// @ts-ignore: decorator
@inline
export function putI32(column: usize, at: i32, value: i32): void {
  store<i32>(column + ((<usize>at) << 2), value);
}
