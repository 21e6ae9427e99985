import type { ElementClass } from "./element.ts";

/**
 * Make elements known to the page, with those that they are made of; what is known stays.
 *
 * @example
 * ```ts no-run
 * import { define, FairleadAgents } from "fairlead/ui";
 *
 * define(FairleadAgents); // now <fairlead-agents src="https://master:5050/api/fairlead"> works
 * ```
 */
export function define(...classes: readonly ElementClass[]): void {
  for (const each of classes) {
    if (customElements.get(each.tag) !== undefined) continue;
    customElements.define(each.tag, each);
    define(...(each.parts ?? []));
  }
}
