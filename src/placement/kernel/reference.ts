/** The placement kernel in TypeScript: the oracle of the WebAssembly one, and its fallback. */
import { buildBoard, moveOnBoard, searchBoard } from "./board.ts";
import type { PlacementKernel } from "./contract.ts";
import { scan, take } from "./fit.ts";
import { buildGrid, moveOnGrid, searchGrid } from "./grid.ts";
import {
  type AgentColumns,
  type BatchSizes,
  CLASS_STATE,
  I,
  joinColumns,
  type KernelColumns,
  layOutAgents,
  layOutBatch,
  METHOD,
} from "./layout.ts";
import { buildTree, moveInTree, searchTree } from "./tree.ts";

/** The TypeScript implementation of the kernel contract, over plain buffers. */
export class ReferenceKernel implements PlacementKernel {
  readonly name = "typed";
  #agents = layOutAgents(undefined, 0).views;
  #columns: KernelColumns | undefined;

  reserve(capacity: number): AgentColumns {
    const next = layOutAgents(undefined, capacity).views;
    copyAgents(this.#agents, next);
    this.#agents = next;
    return next;
  }

  agents(): AgentColumns {
    return this.#agents;
  }

  open(sizes: BatchSizes): KernelColumns {
    const batch = layOutBatch(undefined, 65_536, sizes).views;
    this.#columns = joinColumns(this.#agents, batch);
    return this.#columns;
  }

  begin(): void {
    const m = this.#columns!;
    const method = m.ints[I.method]!;
    if (method === METHOD.grid) buildGrid(m);
    else if (method === METHOD.tree) buildTree(m);
    else if (method === METHOD.board) buildBoard(m);
  }

  place(first: number, count: number): void {
    const m = this.#columns!;
    for (let task = first; task < first + count; task++) placeTask(m, task);
  }
}

/** Copy every column of `from` to the start of the same column of `to`. */
export function copyAgents(from: AgentColumns, to: AgentColumns): void {
  for (const name of Object.keys(from) as (keyof AgentColumns)[]) to[name].set(from[name]);
}

function placeTask(m: KernelColumns, task: number): void {
  const cls = m.taskClass[task]!;
  const state = m.classState[cls]!;
  const agent = state === CLASS_STATE.refused ? -1 : search(m, cls);
  m.taskAgent[task] = agent;
  if (agent < 0) {
    m.taskDevices[task] = 0;
    if (state === CLASS_STATE.open) m.classState[cls] = CLASS_STATE.refused;
    return;
  }
  m.taskDevices[task] = take(m, agent, cls);
  move(m, agent);
}

function search(m: KernelColumns, cls: number): number {
  switch (m.ints[I.method]!) {
    case METHOD.grid:
      return searchGrid(m, cls);
    case METHOD.tree:
      return searchTree(m, cls);
    case METHOD.board:
      return searchBoard(m, cls);
    default:
      return scan(m, cls);
  }
}

function move(m: KernelColumns, agent: number): void {
  const method = m.ints[I.method]!;
  if (method === METHOD.grid) moveOnGrid(m, agent);
  else if (method === METHOD.tree) moveInTree(m, agent);
  else if (method === METHOD.board) moveOnBoard(m, agent);
}
