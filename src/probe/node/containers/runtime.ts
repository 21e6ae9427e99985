/** What the container reporter needs of a runtime. */
import type { ContainerFacts } from "../../reporters/containers.ts";

/** A runtime whose containers can be listed. */
export interface ContainerRuntime {
  /** Names its reporter: `docker`, `oci`. */
  readonly name: string;
  /**
   * All containers now.
   *
   * @throws When the runtime does not answer; the signal's reason when it is aborted.
   */
  list(signal: AbortSignal): Promise<ReadonlyMap<string, ContainerFacts>>;
  /** Be told when a container changes: the facts, or undefined when it is gone. */
  watch?(
    onChange: (id: string, facts: ContainerFacts | undefined) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
