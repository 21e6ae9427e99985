/** One batch through a kernel: columns filled, masks made, tasks placed in order. */
import type { AgentTable } from "./agents.ts";
import { isCounting, type TaskBatch } from "./batch.ts";
import { CountingMask, type GroupCounts } from "./counting.ts";
import type { BatchSizes } from "./kernel/layout.ts";
import {
  CLASS_STATE,
  type KernelColumns,
  METHOD,
  strideOf,
  WHOLE,
  wordsOf,
} from "./kernel/layout.ts";
import { MaskCache } from "./mask.ts";
import { fillHeader, fillWorkload, methodOf } from "./policy.ts";
import type { ReadOptions } from "./read.ts";
import { profileWorkload, shapesOf, tableLength, type WorkloadProfile } from "./workload.ts";

/** Scores that the board keeps at most; classes beyond are scored anew for each task. */
const SCORES_MAX = 4_194_304;

/** The instances of a group by row. */
export type CountsOf = (group: string) => GroupCounts;

/** Place a batch; the kernel's columns hold the answer. */
export function runBatch(
  table: AgentTable,
  batch: TaskBatch,
  options: ReadOptions,
  countsOf: CountsOf,
): KernelColumns {
  const method = methodOf(options.policy, batch.size);
  const models = table.models;
  const profile =
    method === METHOD.board
      ? profileWorkload(options.workload ?? shapesOf(batch), models.length)
      : undefined;
  const slots = slotsOf(batch, method, table.size);
  const m = table.kernel.open(sizesOf(table, batch, method, slots, profile));
  fillHeader(m, options, method, table);
  if (profile !== undefined) fillWorkload(m, options.policy, profile, models);
  fillClasses(m, batch, slots);
  const counting = fillMasks(m, table, batch, countsOf);
  table.kernel.begin();
  placeAll(m, table, batch, counting);
  return m;
}

function sizesOf(
  table: AgentTable,
  batch: TaskBatch,
  method: number,
  slots: Int32Array,
  profile: WorkloadProfile | undefined,
): BatchSizes {
  return {
    agents: table.size,
    classes: batch.classes.count.length,
    tasks: batch.size,
    maskRows: batch.rules.length,
    method,
    boardSlots: slots.reduce((count, slot) => Math.max(count, slot + 1), 0),
    cpuSteps: profile?.cpuSteps.length ?? 0,
    memSteps: profile?.memSteps.length ?? 0,
    tableLength: profile === undefined ? 0 : tableLength(profile, table.models.length),
  };
}

/** The slot of each class on the score board, largest classes first; -1 for none. */
function slotsOf(batch: TaskBatch, method: number, agents: number): Int32Array {
  const { count, rule } = batch.classes;
  const slots = new Int32Array(count.length).fill(-1);
  if (method !== METHOD.board || agents === 0) return slots;
  const isSteady = (cls: number) => !batch.rules[rule[cls]!]?.constraints.some(isCounting);
  const repeated = Array.from(count.keys()).filter((cls) => count[cls]! > 1 && isSteady(cls));
  repeated.sort((a, b) => count[b]! - count[a]! || a - b);
  const most = Math.floor(SCORES_MAX / strideOf(agents));
  repeated.slice(0, most).forEach((cls, slot) => {
    slots[cls] = slot;
  });
  return slots;
}

function fillClasses(m: KernelColumns, batch: TaskBatch, slots: Int32Array): void {
  const { classes } = batch;
  m.classCpus.set(classes.cpusMillis);
  m.classMem.set(classes.memMillis);
  m.classDisk.set(classes.diskMillis);
  m.classMask.set(classes.rule);
  m.classSlot.set(slots);
  for (let cls = 0; cls < classes.count.length; cls++) {
    const gpu = classes.gpuMillis[cls]!;
    m.classShare[cls] = gpu < WHOLE ? gpu : 0;
    m.classWhole[cls] = gpu < WHOLE ? 0 : gpu / WHOLE;
    const rule = batch.rules[classes.rule[cls]!];
    if (rule?.constraints.some(isCounting)) m.classState[cls] = CLASS_STATE.volatile;
  }
  m.taskClass.set(batch.classOf);
}

/** Write the masks of all rules; those that count are returned by their group. */
function fillMasks(
  m: KernelColumns,
  table: AgentTable,
  batch: TaskBatch,
  countsOf: CountsOf,
): ReadonlyMap<string, CountingMask[]> {
  const words = wordsOf(table.size);
  const masks = new MaskCache(table);
  const counting = new Map<string, CountingMask[]>();
  batch.rules.forEach((rule, row) => {
    const mask = m.masks.subarray(row * words, (row + 1) * words);
    if (rule.group === undefined) {
      mask.set(masks.rule(rule));
      return;
    }
    const kept = counting.get(rule.group) ?? [];
    kept.push(new CountingMask(rule, masks, countsOf(rule.group), mask));
    counting.set(rule.group, kept);
  });
  return counting;
}

/** Place all tasks; those of groups that are counted one by one, so that masks stay true. */
function placeAll(
  m: KernelColumns,
  table: AgentTable,
  batch: TaskBatch,
  counting: ReadonlyMap<string, CountingMask[]>,
): void {
  const { groupOf } = batch;
  const { kernel } = table;
  if (counting.size === 0 || groupOf === undefined) {
    kernel.place(0, batch.size);
    return;
  }
  const masksOf = batch.groups.map((group) => counting.get(group));
  let from = 0;
  for (let task = 0; task < batch.size; task++) {
    const masks = masksOf[groupOf[task]!];
    if (masks === undefined) continue;
    kernel.place(from, task - from + 1);
    from = task + 1;
    const row = m.taskAgent[task]!;
    if (row >= 0) for (const mask of masks) mask.add(row);
  }
  kernel.place(from, batch.size - from);
}
