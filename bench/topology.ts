/** Reports to columns, columns to views, and the kernel between them. */
import type { Suite } from "./harness.ts";
import { kernelCase } from "./topology_kernel.ts";

/** `npm run bench -- topology` */
export const suite: Suite = { name: "topology", cases: [kernelCase] };
