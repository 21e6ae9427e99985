import { Resources } from "../../resources/mod.ts";
import type { Fault, ResourceConversion } from "../validate/types.ts";
import { applyConversions } from "./conversions.ts";

/**
 * What the offers of one ACCEPT hold, while its operations take of it one after the other.
 *
 * Shared volumes are special: one copy offered serves any number of tasks of the ACCEPT.
 */
export class OfferedResources {
  #rest: Resources;
  #shared: Resources;
  #used: Resources = Resources.EMPTY;
  #extra: Resources = Resources.EMPTY;
  readonly #conversions: ResourceConversion[] = [];

  /** @param offered With `allocationRole`, summed over the offers. */
  constructor(offered: Resources) {
    this.#rest = offered;
    this.#shared = offered.shared();
  }

  /** What is left: what goes back when the ACCEPT is through. */
  get rest(): Resources {
    return this.#rest;
  }

  /** What a task may use: what is left, and every shared copy as if nobody used it. */
  get available(): Resources {
    if (this.#shared.isEmpty) return this.#rest;
    return this.#rest.nonShared().add(this.#shared);
  }

  /** The conversions so far, in order. */
  get conversions(): readonly ResourceConversion[] {
    return this.#conversions;
  }

  /** What tasks and executors use so far, of what the offers hold. */
  get used(): Resources {
    return this.#used;
  }

  /** Shared copies in use beyond those that the offers hold; not part of `used`. */
  get extra(): Resources {
    return this.#extra;
  }

  /** Convert all of it, or say why nothing was. */
  convert(conversions: readonly ResourceConversion[]): Fault {
    const converted = applyConversions(this.#rest, conversions);
    if (!converted.ok) return converted.message;
    this.#rest = converted.resources;
    this.#shared = this.#rest.shared();
    this.#conversions.push(...conversions);
    return undefined;
  }

  /**
   * Take what a launch uses, `total` of its verdict.
   *
   * @throws {FairleadError} `resources_not_contained` when it is not covered.
   */
  use(total: Resources): void {
    const rest = this.#rest.trySubtract(total);
    if (rest !== undefined) {
      this.#rest = rest;
      this.#used = this.#used.add(total);
      return;
    }
    const copies = total.shared().intersect(this.#rest);
    const taken = total.nonShared().add(copies);
    this.#rest = this.#rest.subtract(taken);
    this.#used = this.#used.add(taken);
    this.#extra = this.#extra.add(total.shared().subtract(copies));
  }
}
