import ipaddr from "ipaddr.js";
import { KEYS } from "../report/keys.ts";
import type { Report } from "../report/report.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The networks of the hosts that report: what is outside of them is the internet. */
export class Networks {
  readonly #networks: (readonly [Address, number])[] = [];

  /** Those of every host and overlay, and the smallest that holds all Kubernetes services. */
  static of({ topologies }: Report): Networks {
    const networks = new Networks();
    for (const topology of [topologies.Host, topologies.Overlay]) {
      for (const { sets } of topology?.nodes.values() ?? []) {
        for (const cidr of sets.get(KEYS.localNetworks) ?? []) networks.#add(cidr);
      }
    }
    const services = [...(topologies.Service?.nodes.values() ?? [])].flatMap(
      ({ latest }) => addressOf(latest.get(KEYS.kubernetesIp)?.value ?? "") ?? [],
    );
    networks.#addSmallest(services);
    return networks;
  }

  /** Whether an address is in one of them. */
  has(address: Address): boolean {
    return this.#networks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
  }

  #add(cidr: string): void {
    if (ipaddr.isValidCIDR(cidr)) this.#networks.push(ipaddr.parseCIDR(cidr));
  }

  #addSmallest(addresses: readonly Address[]): void {
    const [first, ...others] = addresses.filter((address) => address.kind() === "ipv4");
    if (first === undefined) return;
    let bits = 32;
    while (!others.every((address) => address.match(first, bits))) bits -= 1;
    this.#networks.push([first, bits]);
  }
}

/** An address of four decimal parts, or of IPv6. */
export function addressOf(text: string): Address | undefined {
  if (text.includes(":")) return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}

/** Whether an address is of a loopback interface. */
export function isLoopback(text: string): boolean {
  return addressOf(text)?.range() === "loopback";
}
