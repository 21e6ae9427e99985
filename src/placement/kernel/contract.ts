/** The seam between placement and its kernels. */
import type { AgentColumns, BatchSizes, KernelColumns } from "./layout.ts";

/**
 * Places tasks on agents, over dense columns.
 *
 * A kernel owns the memory in which the columns stand. The cluster fills the agents' columns once
 * and keeps them true; for each batch it asks for columns with `open`, fills classes, tasks and
 * header, calls `begin`, then `place`. Both implementations give the same bits.
 *
 * Units: amounts are thousandths; offsets and sizes count rows.
 */
export interface PlacementKernel {
  readonly name: "wasm" | "typed";
  /** Make room for `capacity` agents; what the columns held is kept. */
  reserve(capacity: number): AgentColumns;
  /** The columns of the agents; read them anew after `open` and `reserve`. */
  agents(): AgentColumns;
  /** Lay out a batch and give all columns, those of the batch zeroed. */
  open(sizes: BatchSizes): KernelColumns;
  /** Build what the method of the header needs: grid, tree or board. */
  begin(): void;
  /** Place the tasks `first` to `first + count - 1`, in this order. */
  place(first: number, count: number): void;
}
