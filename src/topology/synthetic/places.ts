/** Who stands where, is called what and speaks to whom, at an instant. */
import { chance, mix } from "./chance.ts";
import { type SyntheticPlan, shareOf } from "./options.ts";

/** A container at an instant. */
export interface Place {
  /** From 0; stays when a container takes another's place. */
  readonly slot: number;
  readonly host: number;
  /** Which one within its host. */
  readonly index: number;
  readonly service: number;
  /** How many stood here before. */
  readonly generation: number;
  readonly bornTick: number;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly ip: string;
  readonly pid: number;
}

/** A connection of a container at an instant. */
export interface Connection {
  readonly port: number;
  /** Where it goes: another container, or an address of the internet. */
  readonly target: Place | string;
}

/** What a service is called. */
export const SERVICE_WORDS = [
  ...["web", "api", "auth", "cart", "search", "billing", "mail", "feed", "media", "stock"],
  ...["queue", "cache", "store", "index", "audit", "geo", "price", "order", "user", "report"],
] as const;
/** Image repositories, by service. */
export const IMAGE_WORDS = ["nginx", "node", "postgres", "redis", "kafka", "envoy", "java", "go"];

/** A port that servers of a service listen on. */
export const portOf = (service: number): number => 8_000 + (service % 1_000);

/** The name of a service: `cart-7`. */
export const serviceName = (service: number): string =>
  `${SERVICE_WORDS[service % SERVICE_WORDS.length] ?? "web"}-${service}`;

/** The name of a host's machine: `host-00012`. */
export const hostName = (host: number): string => `host-${String(host).padStart(5, "0")}`;

/** The /24 network of a host's containers, without its last number. */
export const networkOf = (host: number): string => `10.${host >> 8}.${host & 255}`;

const SALT = {
  generation: 11,
  id: 12,
  calls: 13,
  instance: 14,
  internet: 15,
  address: 16,
  renew: 17,
};
const PORTS_FIRST = 32_768;
const PORTS = 28_000;
const RENEW_TICKS = 60;

/** The places of a plan. */
export class Places {
  readonly plan: SyntheticPlan;

  constructor(plan: SyntheticPlan) {
    this.plan = plan;
  }

  /** The containers of a host. */
  on(host: number, tick: number): Place[] {
    const { first, count } = shareOf(this.plan.containers, this.plan.hosts, host);
    return Array.from({ length: count }, (_, index) =>
      this.#place(first + index, host, index, tick),
    );
  }

  /** The container in a slot. */
  at(slot: number, tick: number): Place {
    const { hosts, containers } = this.plan;
    const host = Math.floor((slot * hosts + hosts - 1) / containers);
    for (const near of [host, host - 1, host + 1]) {
      if (near < 0 || near >= hosts) continue;
      const { first, count } = shareOf(containers, hosts, near);
      if (slot >= first && slot < first + count) return this.#place(slot, near, slot - first, tick);
    }
    return this.#place(slot, 0, slot, tick);
  }

  #place(slot: number, host: number, index: number, tick: number): Place {
    const { seed, services, lifeTicks } = this.plan;
    const offset = mix(seed, SALT.generation, slot) % lifeTicks;
    const generation = Math.floor((tick + offset) / lifeTicks);
    return {
      slot,
      host,
      index,
      service: slot % services,
      generation,
      bornTick: generation * lifeTicks - offset,
      id: hexOf(seed, slot, generation),
      ip: `${networkOf(host)}.${index + 2}`,
      pid: 2_000 + ((generation * 64 + index) % 1_000_000),
    };
  }

  /** The services that one calls: two or three, none itself unless there is no other. */
  calls(service: number): number[] {
    const { seed, services } = this.plan;
    const count = Math.min(2 + (service % 2), Math.max(1, services - 1));
    return Array.from({ length: count }, (_, at) => {
      const step = mix(seed, SALT.calls, service, at) % Math.max(1, services - 1);
      return (service + 1 + step) % services;
    });
  }

  /** What a container is connected to. */
  connections(place: Place, tick: number): Connection[] {
    const { seed, connections, containers } = this.plan;
    const { first, count } = shareOf(connections, containers, place.slot);
    const calls = this.calls(place.service);
    return Array.from({ length: count }, (_, at) => {
      const offset = mix(seed, SALT.renew, first + at) % RENEW_TICKS;
      const renewal = Math.floor((tick + offset) / RENEW_TICKS) + place.generation;
      const port = PORTS_FIRST + ((renewal * count + at) % PORTS);
      if (chance(seed, SALT.internet, first + at) < 0.02) {
        const word = mix(seed, SALT.address, place.service, at);
        return { port, target: `203.0.${word & 127}.${1 + ((word >>> 8) % 250)}` };
      }
      return { port, target: this.#instance(calls[at % calls.length] ?? 0, place, tick) };
    });
  }

  /** Which container of a service a client speaks to: always the same one. */
  #instance(service: number, client: Place, tick: number): Place {
    const { seed, services, containers } = this.plan;
    const instances = Math.ceil((containers - service) / services);
    const pick = mix(seed, SALT.instance, client.slot, service) % instances;
    return this.at(service + pick * services, tick);
  }
}

function hexOf(seed: number, slot: number, generation: number): string {
  let digits = "";
  for (let part = 0; part < 8; part += 1) {
    digits += mix(seed, SALT.id + part * 100, slot, generation)
      .toString(16)
      .padStart(8, "0");
  }
  return digits;
}
