/** DECLINE, REVIVE and SUPPRESS. */
import type { OfType, SchedulerCall } from "../../model/mod.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { persistFramework } from "./frameworks.ts";
import { refuseMsOf, removeOffer } from "./offers.ts";
import type { OfferRecord } from "./records.ts";

/** Offers that are gone by now, or another framework's, are passed over. */
export function decline(
  core: Context,
  framework: FrameworkBook,
  { offer_ids = [], filters }: OfType<SchedulerCall, "DECLINE">["decline"],
): void {
  core.count("master/messages_decline_offers");
  const offers = new Set<OfferRecord>();
  for (const { value } of offer_ids) {
    const offer = core.books.offers.get(value);
    if (offer?.frameworkId === framework.id) offers.add(offer);
  }
  if (offers.size > 0) framework.answered();
  core.count(`${framework.metrics}offers/declined`, offers.size);
  discard(core, offers, refuseMsOf(filters));
}

/** Offers that their framework gave up: back to the allocator, with a filter. */
export function discard(core: Context, offers: Iterable<OfferRecord>, refuseMs: number): void {
  const handles: number[] = [];
  for (const offer of offers) {
    handles.push(offer.handle);
    removeOffer(core, offer);
  }
  if (handles.length === 0) return;
  core.allocator.decline(handles, { refuseMs });
  core.allocate();
}

/** One bad role and the whole call is dropped, as Mesos does. */
export function revive(core: Context, framework: FrameworkBook, roles: readonly string[]): void {
  core.count("master/messages_revive_offers");
  if (!change(core, framework, "REVIVE", roles)) return;
  if (core.nowMs < framework.ignoredUntilMs) {
    // It let its offers lie: the refusals that count for it stand until their time is over.
    core.allocator.updateFramework(framework.id, {
      suppressedRoles: [...framework.record.suppressedRoles],
    });
  } else core.allocator.revive(framework.id, roles.length > 0 ? roles : undefined);
  core.allocate();
}

export function suppress(core: Context, framework: FrameworkBook, roles: readonly string[]): void {
  core.count("master/messages_suppress_offers");
  if (!change(core, framework, "SUPPRESS", roles)) return;
  core.allocator.suppress(framework.id, roles.length > 0 ? roles : undefined);
}

function change(
  core: Context,
  framework: FrameworkBook,
  call: "REVIVE" | "SUPPRESS",
  named: readonly string[],
): boolean {
  const { record } = framework;
  const wrong = named.find((role) => !record.roles.includes(role));
  if (wrong !== undefined) {
    core.log("warning", `Dropped ${call} of framework ${framework.id}: it has no role ${wrong}`);
    return false;
  }
  const suppressed = new Set(record.suppressedRoles);
  for (const role of named.length > 0 ? named : record.roles) {
    if (call === "SUPPRESS") suppressed.add(role);
    else suppressed.delete(role);
  }
  if (suppressed.size === record.suppressedRoles.size && isSubset(suppressed, record)) return true;
  framework.record = { ...record, suppressedRoles: suppressed };
  core.frameworkChanged(framework.id);
  persistFramework(core, framework);
  return true;
}

function isSubset(
  roles: ReadonlySet<string>,
  { suppressedRoles }: { readonly suppressedRoles: ReadonlySet<string> },
): boolean {
  return [...roles].every((role) => suppressedRoles.has(role));
}
