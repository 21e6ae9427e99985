/** Values of nodes that views need again and again. */
import { KEYS } from "../report/keys.ts";
import { TOPOLOGY_KEYS, type TopologyKey } from "../report/report.ts";
import type { Part } from "./part.ts";
import type { StringTable } from "./strings.ts";

/** Where each value stands among those of a node. */
export const FIELD = {
  hostNodeId: 0,
  pid: 1,
  name: 2,
  containerId: 3,
  containerName: 4,
  containerHostname: 5,
  containerState: 6,
  imageId: 7,
  imageName: 8,
  inHostNetwork: 9,
  kubernetesName: 10,
  kubernetesNamespace: 11,
  kubernetesState: 12,
  kubernetesIp: 13,
  kubernetesInHostNetwork: 14,
  ecsContainerName: 15,
  kubernetesContainerName: 16,
  marathonAppId: 17,
  copyOf: 18,
  connectsNot: 19,
} as const;

const FIELD_KEYS: Readonly<Record<keyof typeof FIELD, string>> = {
  hostNodeId: KEYS.hostNodeId,
  pid: KEYS.pid,
  name: KEYS.name,
  containerId: KEYS.containerId,
  containerName: KEYS.containerName,
  containerHostname: KEYS.containerHostname,
  containerState: KEYS.containerState,
  imageId: KEYS.imageId,
  imageName: KEYS.imageName,
  inHostNetwork: KEYS.containerInHostNetwork,
  kubernetesName: KEYS.kubernetesName,
  kubernetesNamespace: KEYS.kubernetesNamespace,
  kubernetesState: KEYS.kubernetesState,
  kubernetesIp: KEYS.kubernetesIp,
  kubernetesInHostNetwork: KEYS.kubernetesInHostNetwork,
  ecsContainerName: `${KEYS.containerLabelPrefix}com.amazonaws.ecs.container-name`,
  kubernetesContainerName: `${KEYS.containerLabelPrefix}io.kubernetes.container.name`,
  marathonAppId: `${KEYS.containerEnvPrefix}MARATHON_APP_ID`,
  copyOf: KEYS.copyOf,
  connectsNot: KEYS.doesNotMakeConnections,
};

/** How many values a node has. */
export const FIELDS = Object.keys(FIELD).length;

/** Stands for a value that is there and empty; no handle is as large. */
export const EMPTY_VALUE = 0xffff_ffff;

/** The place of a topology in TOPOLOGY_KEYS. */
export const kindOf = (key: TopologyKey): number => TOPOLOGY_KEYS.indexOf(key);

/** The values of all nodes of a part: handles, `FIELDS` a node; 0: not there. */
export function fieldsOf(part: Part, strings: StringTable): Uint32Array {
  const places = new Map<number, number>();
  for (const [name, key] of entriesOf(FIELD_KEYS)) places.set(strings.intern(key), FIELD[name]);
  const fields = new Uint32Array(part.count * FIELDS);
  const { first, key, value } = part.latest;
  for (let node = 0; node < part.count; node += 1) {
    for (let at = first[node]!; at < first[node + 1]!; at += 1) {
      const place = places.get(key[at]!);
      if (place !== undefined) fields[node * FIELDS + place] = value[at]! || EMPTY_VALUE;
    }
  }
  return fields;
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  const list: [K, V][] = [];
  for (const key in record) list.push([key, record[key]]);
  return list;
}
