/** Ids of nodes, as Scope writes them. */

/** A node of a topology that is named by one id: `5d4c;<pod>`. */
export function taggedId(id: string, tag: string): string {
  return `${id};<${tag}>`;
}

/** A host. */
export function hostNodeId(hostId: string): string {
  return taggedId(hostId, "host");
}

/** A process of a host. */
export function processNodeId(hostId: string, pid: number): string {
  return `${hostId};${pid}`;
}

/** A container, by its runtime's id. */
export function containerNodeId(id: string): string {
  return taggedId(id, "container");
}

/** An image, by its runtime's id. */
export function imageNodeId(id: string): string {
  return taggedId(id, "container_image");
}

/** An address and port; `scope` is "" where the address means the same on every host. */
export function endpointNodeId(scope: string, ip: string, port: number): string {
  return `${scope};${ip};${port}`;
}
