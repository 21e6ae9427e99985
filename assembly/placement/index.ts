/**
 * The placement kernel, the same algorithm as `src/placement/kernel/reference.ts` over the same
 * columns: any call leaves the same bits in every column that the contract names.
 *
 * Raw loads and stores only: nothing here is managed, nothing is allocated.
 */
import { buildBoard, moveOnBoard, searchBoard } from "./board";
import { scan, take } from "./fit";
import { buildGrid, moveOnGrid, searchGrid } from "./grid";
import { ClassState, I, Method } from "./header";
import { classState, i32At, ints, putI32, taskAgent, taskClass, taskDevices } from "./memory";
import { buildTree, moveInTree, searchTree } from "./tree";

export { bind, columns } from "./memory";

const table: usize = memory.data(1024, 16);

/** Where the table of column offsets is to be written before `bind`. */
export function offsetTable(): usize {
  return table;
}

/** Build what the method of the header needs. */
export function begin(boardSlots: i32): void {
  const method = i32At(ints, I.method);
  if (method === Method.grid) buildGrid();
  else if (method === Method.tree) buildTree();
  else if (method === Method.board) buildBoard(boardSlots);
}

/** Place the tasks from `first` on, `count` of them. */
export function place(first: i32, count: i32): void {
  for (let task = first; task < first + count; task++) placeTask(task);
}

function placeTask(task: i32): void {
  const cls = i32At(taskClass, task);
  const state = i32At(classState, cls);
  const method = i32At(ints, I.method);
  const agent = state === ClassState.refused ? -1 : search(method, cls);
  putI32(taskAgent, task, agent);
  if (agent < 0) {
    putI32(taskDevices, task, 0);
    if (state === ClassState.open) putI32(classState, cls, ClassState.refused);
    return;
  }
  putI32(taskDevices, task, take(agent, cls));
  if (method === Method.grid) moveOnGrid(agent);
  else if (method === Method.tree) moveInTree(agent);
  else if (method === Method.board) moveOnBoard(agent);
}

function search(method: i32, cls: i32): i32 {
  if (method === Method.grid) return searchGrid(cls);
  if (method === Method.tree) return searchTree(cls);
  if (method === Method.board) return searchBoard(cls);
  return scan(cls);
}
