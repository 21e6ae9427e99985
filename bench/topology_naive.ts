/** The same levels with strings and Maps, as one would write them first. */
import type { World } from "./topology_world.ts";

interface Named {
  readonly endpoints: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];
  readonly processes: ReadonlyMap<string, { readonly container: string; readonly host: string }>;
  readonly facts: ReadonlyMap<string, string>;
  readonly outside: ReadonlySet<string>;
  readonly byAddress: ReadonlyMap<string, string>;
  readonly addressOf: ReadonlyMap<string, string>;
  readonly images: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
}

/** Give everything in a world its name. */
export function nameAll(world: World): Named {
  const { inputs, processes, containers } = world;
  const endpoint = (row: number) => `;10.0.${inputs.eIp[row] ?? 0};${row}`;
  const container = (at: number) => `container-${at};<container>`;
  const host = (at: number) => `host-${at};<host>`;
  const table = (at: number) => inputs.tables[at] ?? 0;
  const rows = Array.from({ length: world.endpoints }, (_, row) => row);
  const range = (count: number) => Array.from({ length: count }, (_, at) => at);
  const processId = (hostPlus: number, pid: number) => `host-${hostPlus - 1};${pid}`;
  return {
    endpoints: rows.map(endpoint),
    pairs: Array.from(inputs.aFrom, (from, at) => [endpoint(from), endpoint(inputs.aTo[at] ?? 0)]),
    processes: new Map(
      range(processes).map((at) => [
        processId(inputs.pHost[at] ?? 0, inputs.pPid[at] ?? 0),
        {
          container: table(at) === 0 ? "" : container(table(at) - 1),
          host: host(table(processes + at) - 1),
        },
      ]),
    ),
    facts: new Map(
      Array.from(inputs.xRow, (row, at) => [
        endpoint(row),
        processId(inputs.xHost[at] ?? 0, (inputs.xPid[at] ?? 0) - 1),
      ]),
    ),
    outside: new Set(rows.filter((row) => inputs.eOutside[row] === 1).map(endpoint)),
    byAddress: new Map(range(containers).map((at) => [`10.0.${at + 1}`, container(at)])),
    addressOf: new Map(rows.map((row) => [endpoint(row), `10.0.${inputs.eIp[row] ?? 0}`])),
    images: new Map(
      range(containers).map((at) => [container(at), `image-${table(processes * 2 + at)}`]),
    ),
    hosts: new Map(
      range(containers).map((at) => [
        container(at),
        host(table(processes * 2 + containers + at) - 1),
      ]),
    ),
  };
}

/** The levels of `levels` in topology_world.ts, by names. */
export function levelsByName(named: Named): string {
  const adjacency = new Map<string, Set<string>>();
  for (const [from, to] of named.pairs) {
    const set = adjacency.get(from);
    if (set === undefined) adjacency.set(from, new Set([to]));
    else set.add(to);
  }
  const pseudo = (id: string) => {
    if (named.facts.has(id) || !named.outside.has(id)) return undefined;
    return (adjacency.get(id)?.size ?? 0) > 0 ? "in-theinternet" : "out-theinternet";
  };
  const process = new Map<string, string>();
  const address = new Map<string, string>();
  for (const id of named.endpoints) {
    const outside = pseudo(id);
    const fact = named.facts.get(id);
    if (outside !== undefined) process.set(id, outside);
    else if (fact !== undefined && (adjacency.get(id)?.size ?? 0) <= 1) process.set(id, fact);
    const owner = outside ?? named.byAddress.get(named.addressOf.get(id) ?? "");
    if (owner !== undefined) address.set(id, owner);
  }
  const container = lifted(process, (id) => {
    const known = named.processes.get(id);
    if (known === undefined) return id;
    return known.container === "" ? `pseudo:uncontained:${known.host}` : known.container;
  });
  return [
    edgesOf(adjacency, [process]),
    edgesOf(adjacency, [container, address]),
    edgesOf(adjacency, [lifted(container, (id) => named.images.get(id) ?? id)]),
    edgesOf(adjacency, [lifted(address, (id) => named.hosts.get(id) ?? id)]),
  ].join(" ");
}

function lifted(map: ReadonlyMap<string, string>, to: (id: string) => string) {
  return new Map([...map].map(([id, node]) => [id, to(node)]));
}

function edgesOf(
  adjacency: ReadonlyMap<string, ReadonlySet<string>>,
  maps: readonly ReadonlyMap<string, string>[],
): string {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [from, targets] of adjacency) {
    for (const to of targets) {
      const seen = new Set<string>();
      for (const map of maps) {
        const [a, b] = [map.get(from), map.get(to)];
        if (a === undefined || b === undefined) continue;
        const edge = `${a}→${b}`;
        if (seen.has(edge)) continue;
        seen.add(edge);
        counts.set(edge, (counts.get(edge) ?? 0) + 1);
        total += 1;
      }
    }
  }
  return `${counts.size}:${total}`;
}
