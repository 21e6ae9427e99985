/** The list of topologies: which are shown, in which order, and which one first. */
import type { TopologyDescriptor, TopologyOption } from "../../../topology/mod.ts";
import type { ChosenOptions } from "../state/view_state.ts";

/** Scope's choice, best first. */
const PREFERRED = [
  "ecs-services",
  "ecs-tasks",
  "kube-controllers",
  "services",
  "replica-sets",
  "pods",
  "containers",
  "processes",
  "hosts",
];

/** `/api/topology/containers` → `containers` */
export function topologyIdOf({ url }: Pick<TopologyDescriptor, "url">): string {
  return url.replace(/\?.*$/s, "").split("/").at(-1) ?? "";
}

/** Whether a topology has anything to show. */
export function isVisible({ hide_if_empty, stats }: TopologyDescriptor): boolean {
  return !hide_if_empty || stats.node_count > 0 || stats.filtered_nodes > 0;
}

/** Those to be shown, by rank and then by name; sub-topologies keep their order. */
export function visibleTopologies(
  list: readonly TopologyDescriptor[],
): readonly TopologyDescriptor[] {
  return list
    .filter(
      (each) => isVisible(each) || (each.sub_topologies ?? []).some((below) => isVisible(below)),
    )
    .map((each) => ({ ...each, sub_topologies: (each.sub_topologies ?? []).filter(isVisible) }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
}

/** All of them, sub-topologies behind those they belong to. */
export function flatTopologies(list: readonly TopologyDescriptor[]): readonly TopologyDescriptor[] {
  return list.flatMap((each) => [each, ...(each.sub_topologies ?? [])]);
}

/** The one to begin with: the best that has nodes. */
export function defaultTopology(list: readonly TopologyDescriptor[]): string | undefined {
  const flat = flatTopologies(visibleTopologies(list));
  const filled = new Set(flat.filter(({ stats }) => stats.node_count > 0).map(topologyIdOf));
  const best = PREFERRED.find((id) => filled.has(id));
  return best ?? [...filled][0] ?? (flat[0] === undefined ? undefined : topologyIdOf(flat[0]));
}

/** A descriptor and the one that it stands below. */
export function findTopology(
  list: readonly TopologyDescriptor[],
  id: string,
): TopologyDescriptor | undefined {
  return flatTopologies(list).find((each) => topologyIdOf(each) === id);
}

/** The values of an option that hold: those chosen, or its default. */
export function valuesOf(
  option: TopologyOption,
  chosen: Readonly<Record<string, readonly string[]>> | undefined,
): readonly string[] {
  const values = chosen?.[option.id];
  if (values !== undefined && values.length > 0) return values;
  return option.defaultValue === "" ? [] : option.defaultValue.split(",");
}

/**
 * The query of a topology's options, all of them, as Scope's app wants it; values of a union are
 * separated by commas.
 */
export function optionQuery(
  descriptor: TopologyDescriptor | undefined,
  options: ChosenOptions,
): Readonly<Record<string, string>> {
  if (descriptor === undefined) return {};
  const chosen = options[topologyIdOf(descriptor)];
  const query: Record<string, string> = {};
  for (const option of descriptor.options ?? []) {
    const values = valuesOf(option, chosen);
    if (values.length > 0) query[option.id] = values.join(",");
  }
  return query;
}

/** Choose or leave a value: one at a time, or any number of a union. */
export function toggleValue(
  option: TopologyOption,
  values: readonly string[],
  value: string,
): readonly string[] {
  if (option.selectType !== "union") return [value];
  if (value === "") return [];
  return values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
}
