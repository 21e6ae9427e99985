import { FairleadError } from "../../../src/base/mod.ts";
import type { Agent, Framework, ModelState, OfferRecord } from "./state.ts";

/** @throws {FairleadError} `unknown_agent`. */
export function findAgent(state: ModelState, id: string): Agent {
  const agent = state.agents.get(id);
  if (agent !== undefined) return agent;
  throw new FairleadError("unknown_agent", `Cannot find agent "${id}": it was never added`);
}

/** @throws {FairleadError} `unknown_framework`. */
export function findFramework(state: ModelState, id: string): Framework {
  const framework = state.frameworks.get(id);
  if (framework !== undefined) return framework;
  throw new FairleadError("unknown_framework", `Cannot find framework "${id}": it is not there`);
}

/** @throws {FairleadError} `unknown_offer`. */
export function findOffer(state: ModelState, handle: number): OfferRecord {
  const offer = state.offers.get(handle);
  if (offer !== undefined) return offer;
  throw new FairleadError("unknown_offer", `Cannot find offer ${handle}: it is not outstanding`);
}

/** All of them, or none: one unknown handle, or one named twice, and nothing is found. */
export function findOffers(state: ModelState, handles: number | readonly number[]): OfferRecord[] {
  const list = typeof handles === "number" ? [handles] : handles;
  if (new Set(list).size < list.length) {
    throw new FairleadError("unknown_offer", "Cannot return an offer twice in one call");
  }
  return list.map((handle) => findOffer(state, handle));
}
