/** Drawing a datacenter in a browser without a graphics processor. */
import type { Case, Maker, ProcessContender, Suite } from "./harness.ts";

/** What a page is asked: the cases of this suite. */
const SIZE = { hosts: 1_000, containers: 10_000, edges: 25_000 } as const;

/** A browser of its own a sample, which loads the page and measures in it. */
function drawn(what: string): Record<string, Maker<ProcessContender>> {
  const contender = (name: string): Maker<ProcessContender> => {
    return (params) => ({
      flags: [],
      timeoutMs: 240_000,
      code: `
        const { measureGraph } = await import("./.fairlead/bench/ui_run.js");
        console.log(JSON.stringify(await measureGraph(${JSON.stringify({ name, what, params })})));
      `,
    });
  };
  return { fairlead: contender("fairlead"), sigma: contender("sigma") };
}

const SMALL = { hosts: 50, containers: 500, edges: 1_000 } as const;

/** Whoever draws must have drawn every node. */
const check: NonNullable<Case["check"]> = (answer) => {
  if (answer !== "every node is drawn") throw new Error(`Cannot time: ${answer}`);
};

const common = {
  measure: "process",
  samples: 7,
  sweep: [SIZE],
  quick: [SMALL],
  check,
} as const;

/** The suite. */
export const suite: Suite = {
  name: "ui",
  cases: [
    {
      ...common,
      name: "graph",
      about: "navigation start → first complete frame",
      unit: "ms",
      contenders: drawn("first"),
    },
    {
      ...common,
      name: "graph_move",
      about: "a frame while the picture is panned and zoomed, p95 of 40",
      unit: "ms",
      contenders: drawn("move"),
    },
    {
      ...common,
      name: "graph_update",
      about: "500 nodes change → drawn, p95 of 20",
      unit: "ms",
      contenders: drawn("update"),
    },
    {
      ...common,
      name: "graph_heap",
      about: "JavaScript heap after the first frame, garbage collected",
      unit: "MB",
      contenders: drawn("heap"),
    },
  ],
};
