/** What the offers of one agent to one role hold, to be cut into tasks. */
import type { Offer, ResourceJson } from "../../model/mod.ts";
import type { Part, PortDemand, View } from "./demand.ts";
import { countSpans, hasNumber, pickNumbers, type Span, spansOf, withoutNumber } from "./ranges.ts";

/** One resource of an offer and what is left of it. */
interface Entry {
  /** As it was offered: reservations, provider and allocation stay with every piece. */
  readonly json: ResourceJson;
  /** How deep it is reserved; 0 is not at all. */
  readonly depth: number;
  millis: number;
  spans: readonly Span[];
}

/** The pieces that were cut, and the ports among them in the order in which they were wanted. */
export interface Cut {
  readonly resources: ResourceJson[];
  readonly ports: readonly number[];
}

/**
 * The resources of offers of one agent; offers of one role only.
 *
 * Cutting prefers what is reserved deepest, so that what all may use is kept for the others. What
 * is used as a whole or by several at once (persistent volumes, MOUNT and BLOCK disks, shared
 * ones) and disks that are not the agent's own are never cut; volumes are taken by their id.
 */
export class Pool {
  #entries: Entry[];

  constructor(offers: readonly Offer[]) {
    const entries: Entry[] = [];
    for (const { resources = [] } of offers) {
      for (const json of resources) entries.push(entryOf(json));
    }
    // Deepest first; a stable sort keeps the order of the offer otherwise.
    this.#entries = entries.sort((a, b) => b.depth - a.depth);
  }

  /** Thousandths of a kind that a view may use. */
  millisOf(name: string, view: View): number {
    let millis = 0;
    for (const entry of this.#entries) if (isOf(entry, name, view)) millis += entry.millis;
    return millis;
  }

  /** Ports that a view may use. */
  portsOf(view: View): number {
    let count = 0;
    for (const entry of this.#entries) {
      if (isOf(entry, "ports", view)) count += countSpans(entry.spans);
    }
    return count;
  }

  hasPorts(ports: PortDemand, view: View): boolean {
    for (const port of ports.fixed) {
      if (!this.#entries.some((each) => isOf(each, "ports", view) && hasNumber(each.spans, port))) {
        return false;
      }
    }
    return this.portsOf(view) >= ports.count + ports.fixed.length;
  }

  hasVolumes(ids: readonly string[]): boolean {
    return ids.every((id) => this.#entries.some((each) => volumeOf(each.json) === id));
  }

  /**
   * Cut all parts or none; undefined when one does not fit.
   *
   * @param skip How many free ports to pass over before the first one that is picked.
   */
  cut(parts: readonly Part[], skip = 0): Cut[] | undefined {
    const [only] = parts;
    if (only !== undefined && parts.length === 1) {
      return this.#holds(only) ? [this.#cutPart(only, skip)] : undefined;
    }
    const before = this.#entries;
    this.#entries = before.map((entry) => ({ ...entry }));
    const cuts: Cut[] = [];
    for (const part of parts) {
      if (!this.#holds(part)) {
        this.#entries = before;
        return undefined;
      }
      cuts.push(this.#cutPart(part, skip));
    }
    return cuts;
  }

  #holds(part: Part): boolean {
    const { millis, ports, volumes } = part;
    for (const name in millis) {
      const wanted = millis[name] ?? 0;
      if (wanted > 0 && this.millisOf(name, part) < wanted) return false;
    }
    if (volumes.length > 0 && !this.hasVolumes(volumes)) return false;
    return ports.wanted.length === 0 || this.hasPorts(ports, part);
  }

  /** Cut what is known to be there. */
  #cutPart(part: Part, skip: number): Cut {
    const resources: ResourceJson[] = [];
    const { millis, volumes } = part;
    for (const name in millis) this.#cutScalar(name, millis[name] ?? 0, part, resources);
    for (const id of volumes) {
      const volume = this.#entries.find((each) => volumeOf(each.json) === id);
      if (volume === undefined) continue;
      if (volume.json.shared === undefined) {
        this.#entries = this.#entries.filter((each) => each !== volume);
      }
      resources.push(volume.json);
    }
    return { resources, ports: this.#cutPorts(part, skip, resources) };
  }

  #cutScalar(name: string, millis: number, view: View, resources: ResourceJson[]): void {
    let missing = millis;
    for (const entry of this.#entries) {
      if (missing === 0) return;
      if (entry.millis === 0 || !isOf(entry, name, view)) continue;
      const taken = Math.min(missing, entry.millis);
      missing -= taken;
      entry.millis -= taken;
      resources.push({ ...entry.json, scalar: { value: taken / 1_000 } });
    }
  }

  #cutPorts(part: Part, skip: number, resources: ResourceJson[]): number[] {
    const { wanted, count, fixed } = part.ports;
    if (wanted.length === 0) return [];
    // The fixed ones first, so that none of them is picked as any other.
    const taken = new Map<Entry, number[]>();
    const spans = new Map<Entry, readonly Span[]>();
    for (const entry of this.#entries) {
      if (isOf(entry, "ports", part)) spans.set(entry, entry.spans);
    }
    const take = (entry: Entry, port: number) => {
      taken.set(entry, [...(taken.get(entry) ?? []), port]);
      spans.set(entry, withoutNumber(spans.get(entry) ?? [], port));
    };
    for (const port of fixed) {
      for (const [entry, free] of spans) {
        if (!hasNumber(free, port)) continue;
        take(entry, port);
        break;
      }
    }
    const picked: number[] = [];
    for (const [entry, free] of spans) {
      const most = Math.min(count - picked.length, countSpans(free));
      const numbers = most === 0 ? [] : pickNumbers(free, most, skip % countSpans(free));
      for (const port of numbers) take(entry, port);
      picked.push(...numbers);
    }
    for (const [entry, ports] of taken) {
      resources.push({ ...entry.json, ranges: { range: spansOf(ports) } });
    }
    for (const [entry, left] of spans) entry.spans = left;
    let next = 0;
    return wanted.map((port) => (port === 0 ? (picked[next++] ?? 0) : port));
  }
}

function entryOf(json: ResourceJson): Entry {
  const { scalar, ranges, reservations, role, reservation } = json;
  const isReserved = reservation !== undefined || (role !== undefined && role !== "*");
  return {
    json,
    depth: reservations?.length ?? (isReserved ? 1 : 0),
    millis: scalar === undefined ? 0 : Math.round(scalar.value * 1_000),
    spans: ranges?.range ?? [],
  };
}

/** May the view use this entry as an amount of the kind? */
function isOf(entry: Entry, name: string, view: View): boolean {
  const { json, depth } = entry;
  if (json.name !== name || json.shared !== undefined || json.disk !== undefined) return false;
  // Only cpus are lent out; the other kinds of a task on lent cpus are its own.
  const isLent = view.revocable && name === "cpus";
  if ((json.revocable !== undefined) !== isLent) return false;
  if (view.reserved === "prefer") return true;
  return view.reserved === "only" ? depth > 0 : depth === 0;
}

/** The id of a persistent volume. */
function volumeOf(json: ResourceJson): string | undefined {
  return json.disk?.persistence?.id;
}
