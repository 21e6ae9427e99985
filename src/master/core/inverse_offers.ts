/** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS, and what they said. */
import type { InverseOfferStatus } from "../../allocator/mod.ts";
import type { Filters, Id, InverseOfferStatus as StatusJson } from "../../model/mod.ts";
import { machineKey } from "../validate/machines.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { machineOf, refuseMsOf, removeInverseOffer } from "./offers.ts";

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
    core.books.agents.get(offer.agentId)?.inverseAnswersMs.set(framework.id, core.nowMs);
    core.allocator.answerInverseOffer(offer.agentId, framework.id, status, { refuseMs });
  }
}

/** What frameworks said to the inverse offers of each machine that is in the schedule, by its key. */
export function inverseAnswers(core: Context): Map<string, StatusJson[]> {
  const answers = new Map<string, StatusJson[]>();
  if (core.books.machines.size === 0) return answers;
  for (const { id, record, inverseAnswersMs } of core.books.agents.values()) {
    const machine = machineOf(core, record.info.hostname, record.address);
    if (machine === undefined) continue;
    const key = machineKey(machine.id);
    const list = answers.get(key) ?? [];
    answers.set(key, list);
    for (const [frameworkId, status] of core.allocator.inverseOfferStatuses(id)) {
      const atMs = inverseAnswersMs.get(frameworkId) ?? core.books.recoveredMs;
      list.push({
        status,
        framework_id: { value: frameworkId },
        timestamp: { nanoseconds: atMs * 1e6 },
      });
    }
  }
  return answers;
}
