/** The resource algebra (`typed`) beside arrays of JSON objects (`naive`). */

import { Resources } from "fairlead/resources";
import type { Answer, Case, Contender, Params, Suite } from "./harness.ts";
import * as naive from "./resources_naive.ts";

const SWEEP: readonly Params[] = [{ resources: 4 }, { resources: 16 }, { resources: 64 }];
const KINDS = ["cpus", "mem", "disk", "ports"];

/** What an agent has: four kinds, first unreserved, then reserved to one team after the other. */
function agent({ resources }: Params, share: number): string {
  const items = Array.from({ length: Number(resources) }, (_, index) => {
    const kind = KINDS[index % KINDS.length];
    const role = index < KINDS.length ? "" : `(team${Math.floor(index / KINDS.length)})`;
    if (kind === "ports") return `ports${role}:[31000-${31_000 + share},32000-${32_000 + share}]`;
    return `${kind}${role}:${share * 1.5 + index / 8}`;
  });
  return items.join(";");
}

/** Amounts by kind in a fixed order: what all contenders must agree on. */
function digest(amounts: Readonly<Record<string, number>>): Answer {
  return KINDS.map((kind) => `${kind} ${amounts[kind] ?? 0}`).join(", ");
}

/** Times one operation; the answer is the digest of its last result. */
function contender<T>(run: () => T, answerOf: (result: T) => Answer): Contender {
  let last: T;
  return {
    run: () => {
      last = run();
    },
    answer: () => answerOf(last),
  };
}

const ofTyped = (each: Resources) => digest(each.quantities().toJSON());
const ofNaive = (each: naive.JsonResource[]) => digest(naive.quantities(each));

const cases: readonly Case[] = [
  {
    name: "parse",
    about: "text to resources",
    measure: "cycles",
    sweep: SWEEP,
    contenders: {
      typed: (params) => {
        const text = agent(params, 20);
        return contender(() => Resources.parse(text), ofTyped);
      },
      naive: (params) => {
        const text = agent(params, 20);
        return contender(() => naive.parse(text), ofNaive);
      },
    },
  },
  binary("add", "an agent and a task of the same identities", {
    typed: (a, b) => contender(() => a.add(b), ofTyped),
    naive: (a, b) => contender(() => naive.add(a, b), ofNaive),
  }),
  binary("subtract", "a task from an agent", {
    typed: (a, b) => contender(() => a.subtract(b), ofTyped),
    naive: (a, b) => contender(() => naive.subtract(a, b), ofNaive),
  }),
  binary("contains", "does the agent hold the task", {
    typed: (a, b) => contender(() => a.contains(b), String),
    naive: (a, b) => contender(() => naive.contains(a, b), String),
  }),
  binary("quantities", "amounts by kind of a sum that is new each time", {
    typed: (a, b) => contender(() => a.add(b).quantities().toJSON(), digest),
    naive: (a, b) => contender(() => naive.quantities(naive.add(a, b)), digest),
  }),
];

interface Operation {
  typed(a: Resources, b: Resources): Contender;
  naive(a: naive.JsonResource[], b: naive.JsonResource[]): Contender;
}

/** A case of one operation on an agent's resources and a smaller task's. */
function binary(name: string, about: string, operation: Operation): Case {
  return {
    name,
    about,
    measure: "cycles",
    sweep: SWEEP,
    contenders: {
      typed: (params) =>
        operation.typed(Resources.parse(agent(params, 20)), Resources.parse(agent(params, 4))),
      naive: (params) =>
        operation.naive(naive.parse(agent(params, 20)), naive.parse(agent(params, 4))),
    },
  };
}

/** `npm run bench -- resources` */
export const suite: Suite = { name: "resources", cases };
