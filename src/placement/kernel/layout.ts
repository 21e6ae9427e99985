/**
 * The columns that a placement kernel works on, and where they stand.
 *
 * Agents have an arena that lives as long as the cluster; each batch lays a second one behind it.
 * `assembly/placement/memory.ts` reads the byte offsets in the order of {@linkcode offsetsOf}.
 */
import { Arena } from "../../wasm/mod.ts";

/** Devices an agent may have; the width of a row of `gpuFree`. */
export const DEVICES_MAX = 16;
/** A whole device, in thousandths. */
export const WHOLE = 1_000;
/** Rows and columns of the occupancy grid. */
export const GRID_SIDE = 64;
/** Agents in a leaf of the tree. */
export const LEAF = 8;
/** Agents in a block of the score board. */
export const BLOCK = 64;

/** Words of the column `ints`. */
export const I = {
  agents: 0,
  maskWords: 1,
  method: 2,
  deviceRule: 3,
  aligned: 4,
  leaves: 5,
  cpuSteps: 6,
  memSteps: 7,
  levels: 8,
  rowWidth: 9,
  totalWeight: 10,
  stride: 11,
  logLength: 12,
  device: 13,
} as const;

/** Words of the column `reals`. */
export const R = {
  weightCpus: 0,
  weightMem: 1,
  weightDisk: 2,
  weightGpus: 3,
  cpusPart: 4,
  memPart: 5,
  quantumInverse: 6,
  strandWeight: 7,
  gpusPerCpus: 8,
  gpusPerMem: 9,
  cpusSlack: 10,
  memSlack: 11,
  cpusMax: 12,
  memMax: 13,
  bestScore: 14,
} as const;

/** How a kernel finds the best agent. */
export const METHOD = { scan: 0, grid: 1, tree: 2, board: 3 } as const;
/** Which of an agent's devices gives a share. */
export const DEVICE_RULE = { first: 0, tightest: 1, freest: 2, gradient: 3 } as const;
/** What is known of a class of tasks: `refused` fits nowhere for the rest of the batch. */
export const CLASS_STATE = { open: 0, refused: 1, volatile: 2 } as const;

/** How many rows of each kind a batch needs; what its method does not use has none. */
export interface BatchSizes {
  readonly agents: number;
  readonly classes: number;
  readonly tasks: number;
  readonly maskRows: number;
  readonly method: number;
  readonly boardSlots: number;
  readonly cpuSteps: number;
  readonly memSteps: number;
  readonly tableLength: number;
}

/** Lay out the columns of agents: what is free on each, in thousandths. */
export function layOutAgents(memory: WebAssembly.Memory | undefined, capacity: number) {
  return new Arena(memory)
    .f64("cpus", capacity)
    .f64("mem", capacity)
    .f64("disk", capacity)
    .i32("gpuCount", capacity)
    .i32("gpuSum", capacity)
    .i32("gpuMax", capacity)
    .i32("gpuFull", capacity)
    .i32("model", capacity)
    .i32("gpuFree", capacity * DEVICES_MAX)
    .build();
}

/** Lay out the columns of one batch behind those of the agents. */
export function layOutBatch(
  memory: WebAssembly.Memory | undefined,
  startByte: number,
  sizes: BatchSizes,
) {
  const { agents, classes, tasks, maskRows, method, boardSlots } = sizes;
  const inGrid = method === METHOD.grid ? agents : 0;
  const cells = method === METHOD.grid ? GRID_SIDE * GRID_SIDE : 0;
  const nodes = method === METHOD.tree ? 2 * leavesOf(agents) : 0;
  const onBoard = method === METHOD.board ? agents : 0;
  return new Arena(memory, startByte)
    .i32("ints", 32)
    .f64("reals", 32)
    .f64("classCpus", classes)
    .f64("classMem", classes)
    .f64("classDisk", classes)
    .i32("classShare", classes)
    .i32("classWhole", classes)
    .i32("classMask", classes)
    .i32("classState", classes)
    .i32("classSlot", classes)
    .i32("taskClass", tasks)
    .i32("taskAgent", tasks)
    .u32("taskDevices", tasks)
    .u32("masks", maskRows * wordsOf(agents))
    .u32("gridRow", method === METHOD.grid ? 2 * GRID_SIDE + 2 : 0)
    .i32("gridHead", cells)
    .i32("gridCell", inGrid)
    .i32("gridNext", inGrid)
    .i32("gridPrev", inGrid)
    .i32("twinNext", inGrid)
    .i32("twinPrev", inGrid)
    .i32("twinTail", inGrid)
    .f64("nodeCpus", nodes)
    .f64("nodeMem", nodes)
    .f64("nodeDisk", nodes)
    .f64("nodeGpus", nodes)
    .f64("nodeBest", nodes)
    .i32("nodeShare", nodes)
    .i32("nodeWhole", nodes)
    .i32("stackNode", 64)
    .f64("stackBound", 64)
    .i32("fragment", onBoard)
    .f64("strand", onBoard)
    .i32("level", onBoard === 0 ? 0 : WHOLE + 1)
    .f64("cpuStep", sizes.cpuSteps)
    .f64("memStep", sizes.memSteps)
    .i32("usable", sizes.tableLength)
    .f64("score", boardSlots * strideOf(agents))
    .f64("blockScore", boardSlots * blocksOf(agents))
    .i32("blockAgent", boardSlots * blocksOf(agents))
    .i32("synced", boardSlots)
    .i32("log", onBoard === 0 ? 0 : tasks)
    .i32("lastLog", onBoard)
    .build();
}

type AgentLayout = ReturnType<typeof layOutAgents>;
type BatchLayout = ReturnType<typeof layOutBatch>;

/** The columns of the agents. */
export type AgentColumns = AgentLayout["views"];
/** Every column that a kernel sees. */
export type KernelColumns = AgentLayout["views"] & BatchLayout["views"];

/**
 * All columns in one object.
 *
 * Named one by one: engines read the fields of such an object several times faster than those of
 * one that was spread together.
 */
export function joinColumns(a: AgentColumns, b: BatchLayout["views"]): KernelColumns {
  return {
    cpus: a.cpus,
    mem: a.mem,
    disk: a.disk,
    gpuCount: a.gpuCount,
    gpuSum: a.gpuSum,
    gpuMax: a.gpuMax,
    gpuFull: a.gpuFull,
    model: a.model,
    gpuFree: a.gpuFree,
    ints: b.ints,
    reals: b.reals,
    classCpus: b.classCpus,
    classMem: b.classMem,
    classDisk: b.classDisk,
    classShare: b.classShare,
    classWhole: b.classWhole,
    classMask: b.classMask,
    classState: b.classState,
    classSlot: b.classSlot,
    taskClass: b.taskClass,
    taskAgent: b.taskAgent,
    taskDevices: b.taskDevices,
    masks: b.masks,
    gridRow: b.gridRow,
    gridHead: b.gridHead,
    gridCell: b.gridCell,
    gridNext: b.gridNext,
    gridPrev: b.gridPrev,
    twinNext: b.twinNext,
    twinPrev: b.twinPrev,
    twinTail: b.twinTail,
    nodeCpus: b.nodeCpus,
    nodeMem: b.nodeMem,
    nodeDisk: b.nodeDisk,
    nodeGpus: b.nodeGpus,
    nodeBest: b.nodeBest,
    nodeShare: b.nodeShare,
    nodeWhole: b.nodeWhole,
    stackNode: b.stackNode,
    stackBound: b.stackBound,
    fragment: b.fragment,
    strand: b.strand,
    level: b.level,
    cpuStep: b.cpuStep,
    memStep: b.memStep,
    usable: b.usable,
    score: b.score,
    blockScore: b.blockScore,
    blockAgent: b.blockAgent,
    synced: b.synced,
    log: b.log,
    lastLog: b.lastLog,
  };
}

/** The byte offsets of all columns, in the order that `assembly/placement/memory.ts` reads them. */
export function offsetsOf(agents: AgentLayout, batch: BatchLayout): number[] {
  return [...Object.values(agents.offsets), ...Object.values(batch.offsets)];
}

/** Words of a bit mask over agents. */
export function wordsOf(agents: number): number {
  return (agents + 31) >>> 5;
}

/** Blocks of the score board. */
export function blocksOf(agents: number): number {
  return Math.ceil(agents / BLOCK);
}

/** Scores of one slot of the board, padded to whole blocks. */
export function strideOf(agents: number): number {
  return blocksOf(agents) * BLOCK;
}

/** Leaves of the tree: a power of two. */
export function leavesOf(agents: number): number {
  let leaves = 1;
  while (leaves * LEAF < agents) leaves *= 2;
  return leaves;
}
