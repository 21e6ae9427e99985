/** What an address means: the same on every host, on this host, or in one namespace of it. */
import ipaddr from "ipaddr.js";
import { isLoopback } from "./tracker.ts";

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Options of {@linkcode EndpointScopes}. */
export interface ScopeOptions {
  readonly hostId: string;
  /** CIDRs of bridges whose addresses other hosts use, too. */
  readonly bridges: readonly string[];
}

/** So many addresses are remembered before all are forgotten. */
const REMEMBERED_MAX = 65_536;

/** Gives addresses the scope that their endpoints' ids begin with. */
export class EndpointScopes {
  readonly #hostId: string;
  readonly #bridges: readonly Range[];
  readonly #onBridge = new Map<string, boolean>();

  /** Texts that are no CIDR are passed over. */
  constructor({ hostId, bridges }: ScopeOptions) {
    this.#hostId = hostId;
    this.#bridges = bridges
      .filter((text) => ipaddr.isValidCIDR(text))
      .map((text) => ipaddr.parseCIDR(text));
  }

  /** "" for addresses of the network, else the host, with the namespace for loopback. */
  of(ip: string, namespace: string): string {
    if (isLoopback(ip)) return namespace === "" ? this.#hostId : `${this.#hostId}-${namespace}`;
    return this.#isOnBridge(ip) ? this.#hostId : "";
  }

  #isOnBridge(ip: string): boolean {
    if (this.#bridges.length === 0) return false;
    const known = this.#onBridge.get(ip);
    if (known !== undefined) return known;
    if (this.#onBridge.size >= REMEMBERED_MAX) this.#onBridge.clear();
    const address = ipaddr.parse(ip);
    const found = this.#bridges.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
    this.#onBridge.set(ip, found);
    return found;
  }
}
