import { ContainerEngine } from "./engine.ts";
import type { Engine } from "./port.ts";

/** An engine by its unix socket; nothing is held open between requests. */
export function containerEngine(socketPath: string): Engine {
  return new ContainerEngine(socketPath);
}
