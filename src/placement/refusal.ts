/** The moment at which a task was refused, brought back from the state of now. */
import type { AgentTable } from "./agents.ts";
import { isCounting, type ReadRule, type TaskBatch } from "./batch.ts";
import { Counter, type GroupCounts } from "./counting.ts";
import { sumDevices } from "./kernel/fit.ts";
import { DEVICES_MAX, WHOLE } from "./kernel/layout.ts";
import { type Mask, MaskCache } from "./mask.ts";
import { devicesOf, type Placement } from "./placement.ts";
import { type Amounts, explainRefusal, type Refusal } from "./reason.ts";
import type { CountsOf } from "./run.ts";

/** A task without an agent, and the cluster as it is now. */
export interface RefusedTask {
  readonly table: AgentTable;
  readonly batch: TaskBatch;
  readonly placement: Placement;
  readonly task: number;
  /** "refusal": nothing has changed since the batch, so that its later tasks can be undone. */
  readonly asOf: "refusal" | "now";
  readonly countsOf: CountsOf;
}

/** Explain why the task fits nowhere. Cost: O(agents × constraints + tasks). */
export function explainTask(refused: RefusedTask): Refusal {
  const { table, batch, task, asOf } = refused;
  const { classes, rules } = batch;
  const cls = batch.classOf[task]!;
  const demand: Amounts = {
    cpus: classes.cpusMillis[cls]!,
    mem: classes.memMillis[cls]!,
    disk: classes.diskMillis[cls]!,
    gpus: classes.gpuMillis[cls]!,
  };
  const rule = rules[classes.rule[cls]!];
  return explainRefusal({
    taskIndex: task,
    taskId: batch.idOf(task),
    asOf,
    demand,
    ids: table.specs.map((spec) => spec?.id),
    free: freeAt(refused, demand.gpus),
    masks: rule === undefined ? [] : masksOf(refused, rule),
  });
}

/** What each row had free, for a demand of so many GPU thousandths. */
function freeAt(refused: RefusedTask, gpuMillis: number): (row: number) => Amounts {
  const columns = freeColumns(refused);
  return (row) => ({
    cpus: columns.cpus[row]!,
    mem: columns.mem[row]!,
    disk: columns.disk[row]!,
    gpus: gpuMillis < WHOLE ? columns.gpuMax[row]! : columns.gpuFull[row]! * WHOLE,
  });
}

function freeColumns({ table, batch, placement, task, asOf }: RefusedTask) {
  const { columns } = table;
  if (asOf === "now") return columns;
  const { cpus, mem, disk, gpuCount, gpuFree, gpuSum, gpuMax, gpuFull } = columns;
  const then = {
    cpus: cpus.slice(),
    mem: mem.slice(),
    disk: disk.slice(),
    gpuCount,
    gpuFree: gpuFree.slice(),
    gpuSum: gpuSum.slice(),
    gpuMax: gpuMax.slice(),
    gpuFull: gpuFull.slice(),
  };
  const { classes, classOf } = batch;
  for (let later = task + 1; later < batch.size; later++) {
    const row = placement.agents[later]!;
    if (row < 0) continue;
    const cls = classOf[later]!;
    then.cpus[row]! += classes.cpusMillis[cls]!;
    then.mem[row]! += classes.memMillis[cls]!;
    then.disk[row]! += classes.diskMillis[cls]!;
    for (const device of devicesOf(placement.devices[later]!)) {
      then.gpuFree[row * DEVICES_MAX + device]! += Math.min(classes.gpuMillis[cls]!, WHOLE);
    }
    if (placement.devices[later] !== 0) sumDevices(then, row);
  }
  return then;
}

function masksOf(refused: RefusedTask, rule: ReadRule): { constraint: string; mask: Mask }[] {
  const { table } = refused;
  const cache = new MaskCache(table);
  const known = cache.rule(rule);
  const counts =
    rule.group === undefined ? new Map<number, number>() : countsAt(refused, rule.group);
  const masks = rule.constraints.map((constraint) => ({
    constraint: constraint.text,
    mask: isCounting(constraint)
      ? new Counter(constraint, cache, known, counts).mask
      : cache.constraint(constraint),
  }));
  if (rule.gpuModels === undefined) return masks;
  const constraint = `gpuModel in ${rule.gpuModels.join("|")}`;
  return [...masks, { constraint, mask: cache.models(rule.gpuModels) }];
}

function countsAt(refused: RefusedTask, group: string): GroupCounts {
  const { batch, placement, task, asOf } = refused;
  const counts = new Map(refused.countsOf(group));
  if (asOf === "now") return counts;
  const groupRow = batch.groups.indexOf(group);
  for (let later = task + 1; later < batch.size; later++) {
    const row = placement.agents[later]!;
    if (row < 0 || batch.groupOf?.[later] !== groupRow) continue;
    counts.set(row, counts.get(row)! - 1);
  }
  return counts;
}
