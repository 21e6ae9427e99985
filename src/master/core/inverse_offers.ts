/** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS. */
import type { InverseOfferStatus } from "../../allocator/mod.ts";
import type { Filters, Id } from "../../model/mod.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { refuseMsOf, removeInverseOffer } from "./offers.ts";

/** Inverse offers that are gone by now, or another framework's, are passed over. */
export function answerInverseOffers(
  core: Context,
  framework: FrameworkBook,
  status: InverseOfferStatus,
  {
    inverse_offer_ids = [],
    filters,
  }: { readonly inverse_offer_ids?: readonly Id[] | undefined; filters?: Filters | undefined },
): void {
  const refuseMs = refuseMsOf(filters);
  for (const { value } of inverse_offer_ids) {
    const offer = core.books.inverseOffers.get(value);
    if (offer?.frameworkId !== framework.id) continue;
    removeInverseOffer(core, offer, { rescind: false });
    core.allocator.answerInverseOffer(offer.agentId, framework.id, status, { refuseMs });
  }
}
