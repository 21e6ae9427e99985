/** The kernel of topologies beside its reference and beside Maps of strings. */
import { createTopologyKernel } from "fairlead/topology";
import type { Case, Contender, Params } from "./harness.ts";
import { levelsByName, nameAll } from "./topology_naive.ts";
import { copyIn, levels, makeWorld, sizesOf } from "./topology_world.ts";

const worldOf = (params: Params) =>
  makeWorld({
    hosts: Number(params.hosts),
    containers: Number(params.containers),
    processes: Number(params.processes),
    connections: Number(params.connections),
    seed: 7,
  });

function byKernel(params: Params, choice: "wasm" | "typed"): Contender {
  const world = worldOf(params);
  const kernel = createTopologyKernel(choice);
  const columns = kernel.open(sizesOf(world));
  let answer = "";
  return {
    run() {
      copyIn(columns, world);
      answer = levels(kernel, columns, world);
    },
    answer: () => answer,
  };
}

function byName(params: Params): Contender {
  const named = nameAll(worldOf(params));
  let answer = "";
  return {
    run() {
      answer = levelsByName(named);
    },
    answer: () => answer,
  };
}

/** `topology/kernel` */
export const kernelCase: Case = {
  name: "kernel",
  about: "copy in, then edges of processes, containers, images and hosts",
  sweep: [
    { connections: 50_000, processes: 10_000, containers: 10_000, hosts: 1_000 },
    { connections: 150_000, processes: 30_000, containers: 10_000, hosts: 1_000 },
  ],
  quick: [{ connections: 10_000, processes: 2_000, containers: 1_000, hosts: 100 }],
  growth: "connections",
  items: ({ connections }) => Number(connections),
  contenders: {
    wasm: (params) => byKernel(params, "wasm"),
    typed: (params) => byKernel(params, "typed"),
    strings: byName,
  },
};
