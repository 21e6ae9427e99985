/** Ids of nodes that probes make, as Scope writes them. */
import { nodeIdOf } from "../../topology/mod.ts";

export { endpointNodeId, processNodeId } from "../../topology/mod.ts";

/** A host. */
export function hostNodeId(hostId: string): string {
  return nodeIdOf("Host", hostId);
}

/** A container, by its runtime's id. */
export function containerNodeId(id: string): string {
  return nodeIdOf("Container", id);
}

/** An image, by its runtime's id. */
export function imageNodeId(id: string): string {
  return nodeIdOf("ContainerImage", id);
}
