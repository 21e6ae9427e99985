/** A datacenter as a graph: hosts in racks, containers in services, calls between containers. */
import { type GraphData, type GraphOptions, graphOf } from "fairlead/ui";

/** How large it is. */
export interface GraphWorld {
  readonly hosts: number;
  readonly containers: number;
  readonly edges: number;
}

/** The size that the bars speak of. */
export const FULL: GraphWorld = { hosts: 1_000, containers: 10_000, edges: 25_000 };

const SERVICES = 380;
const RACKS = 20;
const KINDS = ["api", "web", "cart", "db", "cache", "queue", "search", "mail", "auth", "jobs"];

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The graph: most calls go from a service to a few others, as they do. */
export function worldOf({ hosts, containers, edges }: GraphWorld): GraphData {
  const roll = dice(7);
  const services = Math.max(1, Math.min(SERVICES, Math.ceil(containers / 8)));
  const nameOf = (service: number) => `${KINDS[service % KINDS.length]}-${service}`;
  const callees = Array.from({ length: services }, (_, service) =>
    Array.from({ length: 5 }, () => Math.floor(service + roll() * (services - service))),
  );
  const adjacency = Array.from({ length: containers }, () => new Set<string>());
  const inService = (service: number) => {
    const size = Math.ceil((containers - service) / services);
    return service + services * Math.floor(roll() * Math.max(1, size));
  };
  for (let made = 0, tries = 0; made < edges && tries < edges * 50; tries += 1) {
    const from = Math.floor(roll() * containers);
    const choice = callees[from % services]!;
    const to = inService(Math.min(services - 1, choice[Math.floor(roll() * choice.length)]!));
    const held = adjacency[from]!;
    if (to === from || to >= containers || held.has(`c${to}`)) continue;
    held.add(`c${to}`);
    made += 1;
  }
  const nodes = [
    ...adjacency.map((called, at) => ({
      id: `c${at}`,
      label: `${nameOf(at % services)}-${Math.floor(at / services)}`,
      labelMinor: `host-${at % Math.max(1, hosts)}`,
      rank: nameOf(at % services),
      shape: "hexagon",
      adjacency: [...called],
    })),
    ...Array.from({ length: hosts }, (_, at) => ({
      id: `h${at}`,
      label: `host-${at}`,
      labelMinor: `rack ${at % RACKS}`,
      rank: `host-${at}`,
      shape: "circle",
    })),
  ];
  const options: GraphOptions = {
    groupOf: ({ id, rank, labelMinor }) => (id.startsWith("h") ? labelMinor : rank),
    fillOf: () => roll(),
  };
  return graphOf(nodes, options);
}
