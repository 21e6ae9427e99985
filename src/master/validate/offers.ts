/** The rules for the offers that an ACCEPT names, and for inverse offers. */
import type { Id } from "../../model/mod.ts";
import type { Fault } from "./types.ts";

/** What is looked at of an offer: records of the master fit as they are. */
export interface OfferFacts {
  readonly frameworkId: string;
  readonly agentId: string;
  /** Absent on inverse offers. */
  readonly role?: string;
}

/** Which offers, whose, and where they are kept. */
export interface OfferQuestion {
  readonly offerIds: readonly Id[] | undefined;
  readonly frameworkId: string;
  readonly offers: { get(offerId: string): OfferFacts | undefined };
}

/** What is wrong with the offers of an ACCEPT: they must be there, the framework's, of one agent. */
export function faultOfOffers(question: OfferQuestion): Fault {
  return faultOfAll(question, "Offer");
}

/** What is wrong with the inverse offers of an answer. */
export function faultOfInverseOffers(question: OfferQuestion): Fault {
  return faultOfAll(question, "Inverse offer");
}

function faultOfAll({ offerIds = [], frameworkId, offers }: OfferQuestion, what: string): Fault {
  if (offerIds.length === 0) return "No offers specified";
  const seen = new Set<string>();
  for (const { value: id } of offerIds) {
    if (seen.has(id)) return `Duplicate offer ${id} in offer list`;
    seen.add(id);
  }
  let first: OfferFacts | undefined;
  for (const id of seen) {
    const offer = offers.get(id);
    if (offer === undefined) return `${what} ${id} is no longer valid`;
    first ??= offer;
    const fault = faultOfOwner(id, offer, frameworkId) ?? faultOfMixing(id, offer, first);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfOwner(id: string, offer: OfferFacts, frameworkId: string): Fault {
  if (offer.frameworkId === frameworkId) return undefined;
  return (
    `Offer ${id} has invalid framework ${offer.frameworkId} while framework ${frameworkId} is ` +
    "expected"
  );
}

function faultOfMixing(id: string, offer: OfferFacts, first: OfferFacts): Fault {
  if (offer.role !== first.role) {
    return (
      `Aggregated offers must be allocated to the same role. Offer ${id} uses role ` +
      `'${offer.role}' but another is using role '${first.role}'`
    );
  }
  if (offer.agentId === first.agentId) return undefined;
  return (
    `Aggregated offers must belong to one single agent. Offer ${id} uses agent ` +
    `${offer.agentId} and agent ${first.agentId}`
  );
}
