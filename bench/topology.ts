/** Reports to columns, columns to views, and the kernel between them. */
import type { Suite } from "./harness.ts";
import { codecCase, mergeCase } from "./topology_codec.ts";
import { ingestCase, renderCase } from "./topology_ingest.ts";
import { kernelCase } from "./topology_kernel.ts";
import { ingestHttpCase, latencyCase, streamCase } from "./topology_served.ts";

/** `npm run bench -- topology` */
export const suite: Suite = {
  name: "topology",
  cases: [
    kernelCase,
    codecCase,
    mergeCase,
    ingestCase,
    renderCase,
    ingestHttpCase,
    streamCase,
    latencyCase,
  ],
};
