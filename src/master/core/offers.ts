/** Offers: made from what the allocator grants, taken back when that can no longer be. */
import type { InverseOffer as InverseGrant, Offer } from "../../allocator/mod.ts";
import type { InverseOffer, Offer as OfferJson, Unavailability } from "../../model/mod.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { InverseOfferRecord, OfferRecord } from "./records.ts";
import { resourcesJson } from "./resource_json.ts";

/** Let the allocator decide, and send what it grants: one OFFERS event a framework. */
export function allocate(core: Context): void {
  core.allocationDueMs = undefined;
  core.lastAllocationMs = core.nowMs;
  const allocation = core.allocator.run();
  core.count("allocator/mesos/allocation_runs");
  core.options.metrics.observe(
    "allocator/mesos/allocation_run_ms",
    core.options.clock.nowMs() - core.nowMs,
  );
  if (allocation.size > 0) {
    const byFramework = new Map<string, OfferJson[]>();
    for (let i = 0; i < allocation.size; i++) {
      const offer = makeOffer(core, {
        handle: allocation.handle(i),
        frameworkId: allocation.frameworkId(i),
        agentId: allocation.agentId(i),
        role: allocation.role(i),
        resources: allocation.resources(i),
      });
      if (offer === undefined) continue;
      const list = byFramework.get(offer.frameworkId);
      if (list) list.push(offer.json);
      else byFramework.set(offer.frameworkId, [offer.json]);
    }
    for (const [frameworkId, offers] of byFramework) {
      const framework = core.books.frameworks.get(frameworkId)!;
      core.tell(framework, { type: "OFFERS", offers: { offers } });
      core.count(`${framework.metrics}offers/sent`, offers.length);
      core.frameworkChanged(frameworkId);
    }
  }
  if (allocation.inverseOffers.length > 0) makeInverseOffers(core, allocation.inverseOffers);
}

/** What the allocator grants; its resources are not marked with the role. */
type Grant = Offer;

function makeOffer(core: Context, grant: Grant): OfferRecord | undefined {
  const framework = core.books.frameworks.get(grant.frameworkId);
  const agent = core.books.agents.get(grant.agentId);
  if (!framework?.isConnected || !agent?.isConnected) {
    core.allocator.rescind(grant.handle);
    return undefined;
  }
  const id = core.nextOfferId();
  const offer: OfferRecord = {
    id,
    frameworkId: grant.frameworkId,
    agentId: grant.agentId,
    role: grant.role,
    handle: grant.handle,
    resources: grant.resources,
    json: offerJson(core, { id, grant, agent }),
    sinceMs: core.nowMs,
  };
  core.books.offers.set(id, offer);
  core.offersByHandle.set(grant.handle, offer);
  framework.offers.add(offer);
  agent.offers.add(offer);
  const { offerTimeoutMs } = core.options;
  if (offerTimeoutMs > 0) core.offersDueMs ??= core.nowMs + offerTimeoutMs;
  core.agentChanged(agent.id);
  return offer;
}

function offerJson(
  core: Context,
  { id, grant, agent }: { id: string; grant: Grant; agent: AgentBook },
): OfferJson {
  const { info, address } = agent.record;
  const executors = agent.executors.get(grant.frameworkId);
  const unavailability = unavailabilityOf(core, agent);
  return {
    id: { value: id },
    framework_id: { value: grant.frameworkId },
    agent_id: { value: grant.agentId },
    hostname: info.hostname,
    url: {
      scheme: "http",
      address: { hostname: info.hostname, ip: address, port: info.port ?? AGENT_PORT },
    },
    ...(info.domain && { domain: info.domain }),
    resources: resourcesJson(grant.resources, grant.role),
    ...(info.attributes && { attributes: info.attributes }),
    ...(executors && { executor_ids: Array.from(executors.keys(), (value) => ({ value })) }),
    ...(unavailability && { unavailability }),
    allocation_info: { role: grant.role },
  };
}

/** Where agents answer when they do not say. */
const AGENT_PORT = 5051;

/** When the agent's machine will be away, by the maintenance schedule. */
export function unavailabilityOf(core: Context, agent: AgentBook): Unavailability | undefined {
  if (core.books.machines.size === 0) return undefined;
  return machineOf(core, agent.record.info.hostname, agent.record.address)?.unavailability;
}

/** The machine of the schedule that an agent runs on: hostname and address as far as it names them. */
export function machineOf(core: Context, hostname: string, ip: string) {
  const { machines } = core.books;
  const name = hostname.toLowerCase();
  return machines.get(`${name}/${ip}`) ?? machines.get(`${name}/`) ?? machines.get(`/${ip}`);
}

function makeInverseOffers(core: Context, grants: readonly InverseGrant[]): void {
  const byFramework = new Map<string, InverseOffer[]>();
  for (const { agentId, frameworkId, unavailability } of grants) {
    const framework = core.books.frameworks.get(frameworkId);
    const agent = core.books.agents.get(agentId);
    if (framework === undefined || agent === undefined) continue;
    const id = core.nextOfferId();
    const { startMs, durationMs } = unavailability;
    const json: InverseOffer = {
      id: { value: id },
      framework_id: { value: frameworkId },
      agent_id: { value: agentId },
      unavailability: {
        start: { nanoseconds: startMs * 1_000_000 },
        ...(durationMs !== undefined && { duration: { nanoseconds: durationMs * 1_000_000 } }),
      },
    };
    const record: InverseOfferRecord = { id, frameworkId, agentId, json };
    core.books.inverseOffers.set(id, record);
    framework.inverseOffers.add(record);
    agent.inverseOffers.add(record);
    const list = byFramework.get(frameworkId) ?? [];
    byFramework.set(frameworkId, list);
    list.push(json);
  }
  for (const [frameworkId, inverse_offers] of byFramework) {
    const framework = core.books.frameworks.get(frameworkId)!;
    core.tell(framework, { type: "INVERSE_OFFERS", inverse_offers: { inverse_offers } });
  }
}

/** Take an offer out of the books; what it held is the caller's to give back. */
export function removeOffer(core: Context, offer: OfferRecord): void {
  core.books.offers.delete(offer.id);
  core.offersByHandle.delete(offer.handle);
  core.books.frameworks.get(offer.frameworkId)?.offers.delete(offer);
  core.books.agents.get(offer.agentId)?.offers.delete(offer);
  core.agentChanged(offer.agentId);
  core.frameworkChanged(offer.frameworkId);
}

/** Take offers back: out of the books, out of the allocator, and the frameworks hear of it. */
export function rescindOffers(core: Context, offers: Iterable<OfferRecord>): void {
  const list = [...offers];
  if (list.length === 0) return;
  core.allocator.rescind(list.map(({ handle }) => handle));
  for (const offer of list) dropOffer(core, offer);
  core.allocate();
}

/** The allocator has taken the offer back already. */
export function dropOffer(core: Context, offer: OfferRecord): void {
  removeOffer(core, offer);
  const framework = core.books.frameworks.get(offer.frameworkId);
  if (framework === undefined) return;
  core.count(`${framework.metrics}offers/rescinded`);
  core.tell(framework, { type: "RESCIND", rescind: { offer_id: { value: offer.id } } });
}

/** The same by the allocator's names; those that the books do not have are passed over. */
export function dropOffers(core: Context, handles: readonly number[]): void {
  for (const handle of handles) {
    const offer = core.offersByHandle.get(handle);
    if (offer) dropOffer(core, offer);
  }
}

/** Take an inverse offer out of the books; with `rescind` its framework hears of it. */
export function removeInverseOffer(
  core: Context,
  offer: InverseOfferRecord,
  { rescind }: { readonly rescind: boolean },
): void {
  core.books.inverseOffers.delete(offer.id);
  const framework = core.books.frameworks.get(offer.frameworkId);
  framework?.inverseOffers.delete(offer);
  core.books.agents.get(offer.agentId)?.inverseOffers.delete(offer);
  if (!rescind || framework === undefined) return;
  const inverse_offer_id = { value: offer.id };
  core.tell(framework, {
    type: "RESCIND_INVERSE_OFFER",
    rescind_inverse_offer: { inverse_offer_id },
  });
}

/** Forget what a framework was offered, as nobody is there to hear of it. */
export function discardOffers(core: Context, framework: FrameworkBook): void {
  for (const offer of [...framework.offers]) removeOffer(core, offer);
  for (const offer of [...framework.inverseOffers]) {
    removeInverseOffer(core, offer, { rescind: false });
  }
}

/**
 * Take back offers that were held too long; the books have them oldest first.
 *
 * From the second time in a row they count as refused, twice as long each time: a framework that
 * never answers has the smallest share of all, and would be offered the same before any other. A
 * REVIVE does not shorten that.
 */
export function expireOffers(core: Context): void {
  const { offerTimeoutMs } = core.options;
  core.offersDueMs = undefined;
  const expired = new Map<FrameworkBook | undefined, OfferRecord[]>();
  for (const offer of core.books.offers.values()) {
    if (offer.sinceMs + offerTimeoutMs > core.nowMs) {
      core.offersDueMs = offer.sinceMs + offerTimeoutMs;
      break;
    }
    const framework = core.books.frameworks.get(offer.frameworkId);
    const list = expired.get(framework);
    if (list) list.push(offer);
    else expired.set(framework, [offer]);
  }
  for (const [framework, offers] of expired) {
    const times = framework === undefined ? 0 : framework.ignored++;
    const firstMs = Math.max(offerTimeoutMs, REFUSE_SECONDS * 1000);
    const refuseMs = times === 0 ? 0 : Math.min(firstMs * 2 ** (times - 1), IGNORED_MS_MAX);
    core.allocator.decline(
      offers.map(({ handle }) => handle),
      { refuseMs },
    );
    if (framework) framework.ignoredUntilMs = core.nowMs + refuseMs;
    for (const offer of offers) dropOffer(core, offer);
  }
  if (expired.size > 0) core.allocate();
}

/** How long a refusal stands: 5 s when nothing or nonsense is said; at most a year. */
export function refuseMsOf(filters: { refuse_seconds?: number | undefined } | undefined): number {
  const seconds = filters?.refuse_seconds ?? REFUSE_SECONDS;
  return (seconds >= 0 ? Math.min(seconds, YEAR_SECONDS) : REFUSE_SECONDS) * 1000;
}

const REFUSE_SECONDS = 5;
const YEAR_SECONDS = 365 * 86_400;
/** How long a framework that lets its offers lie is passed over at most. */
const IGNORED_MS_MAX = 3_600_000;
