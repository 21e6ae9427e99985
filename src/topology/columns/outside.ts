/** Which endpoints are outside of all hosts that report. */
import ipaddr from "ipaddr.js";
import type { KernelColumns } from "../kernel/contract.ts";
import { partsOfEndpointId } from "../report/names.ts";
import type { DnsNames } from "../report/report.ts";
import { isKnownService } from "../view/endpoints.ts";
import { addressOf } from "../view/networks.ts";
import type { RowTable } from "./rows.ts";
import type { StringTable } from "./strings.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Networks by the length of their prefix, so that asking does not depend on how many there are. */
export class NetworkSet {
  readonly #prefixes = new Map<number, Set<number>>();
  readonly #others: (readonly [Address, number])[] = [];

  /** Add `10.1.0.0/16`; what is no network is left out. */
  add(cidr: string): void {
    if (!ipaddr.isValidCIDR(cidr)) return;
    const [address, bits] = ipaddr.parseCIDR(cidr);
    if (address.kind() === "ipv4") this.#addPrefix(numberOf(address), bits);
    else this.#others.push([address, bits]);
  }

  /** Add the smallest network that has all these addresses of IPv4. */
  addSmallest(addresses: readonly Address[]): void {
    const [first, ...others] = addresses.filter((each) => each.kind() === "ipv4").map(numberOf);
    if (first === undefined) return;
    let bits = 32;
    while (!others.every((other) => prefixOf(other, bits) === prefixOf(first, bits))) bits -= 1;
    this.#addPrefix(first, bits);
  }

  has(address: Address): boolean {
    if (address.kind() !== "ipv4") {
      return this.#others.some(
        ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
      );
    }
    const number = numberOf(address);
    for (const [bits, prefixes] of this.#prefixes) {
      if (prefixes.has(prefixOf(number, bits))) return true;
    }
    return false;
  }

  #addPrefix(number: number, bits: number): void {
    const prefixes = this.#prefixes.get(bits);
    if (prefixes === undefined) this.#prefixes.set(bits, new Set([prefixOf(number, bits)]));
    else prefixes.add(prefixOf(number, bits));
  }
}

const numberOf = (address: Address): number =>
  address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);

const prefixOf = (number: number, bits: number): number => Math.floor(number / 2 ** (32 - bits));

/** What endpoints' ids say of their addresses; known by row, read again when a row is reused. */
export class EndpointAddresses {
  readonly #strings: StringTable;
  readonly #table: RowTable;
  /** The id that a row was read for. */
  #read = new Uint32Array(0);
  /** Handle of `scope;ip;` and of `ip`, by row. */
  #address = new Uint32Array(0);
  #ip = new Uint32Array(0);
  /** By row: 0: not asked yet; 1: inside; 2: outside. */
  #side = new Uint8Array(0);

  constructor(strings: StringTable, table: RowTable) {
    this.#strings = strings;
    this.#table = table;
  }

  /** Handles that are in use here. */
  *handles(): Iterable<number> {
    for (let row = 0; row < this.#read.length; row += 1) {
      if (this.#read[row] === 0) continue;
      if (this.#table.ids[row] !== this.#read[row]) this.#read[row] = 0;
      else yield* [this.#address[row]!, this.#ip[row]!];
    }
  }

  /** Ask again which side every endpoint is on. */
  networksChanged(): void {
    this.#side.fill(0);
  }

  /** Read the ids of rows that are new. Handles of strings are made here, and nowhere below. */
  read(): void {
    const { ids, nodes, length } = this.#table;
    if (this.#read.length < length) this.#grow(ids.length);
    for (let row = 0; row < length; row += 1) {
      if (ids[row] !== 0 && nodes[row]! > 0 && this.#read[row] !== ids[row]) {
        this.#readRow(row, ids[row]!);
      }
    }
  }

  /**
   * Fill the columns of addresses, and `eOutside` with sides and known services.
   *
   * @param services By handle of an address: 2 plus the service's number.
   */
  fill(
    columns: Pick<KernelColumns, "eIp" | "eIpPort" | "eOutside">,
    networks: NetworkSet,
    services: ReadonlyMap<number, number>,
  ): void {
    const { ids, nodes, length } = this.#table;
    for (let row = 0; row < length; row += 1) {
      const isNode = ids[row] !== 0 && nodes[row]! > 0;
      columns.eIpPort[row] = isNode ? ids[row]! : 0;
      columns.eIp[row] = isNode ? this.#address[row]! : 0;
      columns.eOutside[row] = isNode ? this.#outside(row, networks, services) : 0;
    }
  }

  #outside(row: number, networks: NetworkSet, services: ReadonlyMap<number, number>): number {
    if (services.size > 0) {
      const service = services.get(this.#ip[row]!);
      if (service !== undefined) return service;
    }
    if (this.#side[row] === 0) {
      const address = addressOf(this.#strings.text(this.#ip[row]!));
      this.#side[row] = address === undefined || networks.has(address) ? 1 : 2;
    }
    return this.#side[row] === 2 ? 1 : 0;
  }

  #readRow(row: number, id: number): void {
    const parts = partsOfEndpointId(this.#strings.text(id));
    this.#read[row] = id;
    this.#side[row] = parts === undefined ? 1 : 0;
    this.#address[row] = parts ? this.#strings.intern(`${parts.scope};${parts.ip};`) : 0;
    this.#ip[row] = parts ? this.#strings.intern(parts.ip) : 0;
  }

  #grow(length: number): void {
    const grown = (column: Uint32Array) => {
      const longer = new Uint32Array(length);
      longer.set(column);
      return longer;
    };
    const side = new Uint8Array(length);
    side.set(this.#side);
    this.#side = side;
    this.#read = grown(this.#read);
    this.#address = grown(this.#address);
    this.#ip = grown(this.#ip);
  }
}

/** Names of known services by address, the first in the order in which merged reports have them. */
export function knownServices(
  all: Iterable<ReadonlyMap<string, DnsNames>>,
): ReadonlyMap<string, string> {
  const forward = new Map<string, string>();
  const reverse = new Map<string, string>();
  const note = (found: Map<string, string>, ip: string, names: readonly string[]) => {
    for (const name of names) {
      const known = found.get(ip);
      if (isKnownService(name) && (known === undefined || name < known)) found.set(ip, name);
    }
  };
  for (const dns of all) {
    for (const [ip, names] of dns) {
      note(forward, ip, names.forward);
      note(reverse, ip, names.reverse);
    }
  }
  return new Map([...reverse, ...forward]);
}
