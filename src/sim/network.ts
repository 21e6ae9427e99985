/** Connections as TCP has them: in order and whole, late, cut off, or silent for a while. */
import type { Random } from "../base/mod.ts";
import type { Acceptors, FarSocket, NearSocket, Protocols, Service } from "./protocols.ts";
import type { World } from "./world.ts";

/** How long a message is under way: at least `minMs`, and `meanMs` more on average. */
export interface Delay {
  readonly minMs: number;
  readonly meanMs: number;
}

/** Who listens on one end of a connection. */
export interface End<In> {
  receive(message: In): void;
  /** The other end closed, or the connection broke. Nothing comes after it. */
  closed(): void;
}

/** One end: what is sent on it arrives at the other one, in order. */
export class Socket<In, Out> {
  readonly node: string;
  readonly #network: Network;
  #peer: Socket<Out, In> | undefined;
  #end: End<In> | undefined;
  #arrivalMs = 0;
  #held: (() => void)[] = [];
  #isOpen = true;
  /** What was sent before the connection opened. */
  #early: (() => void)[] | undefined;

  constructor(network: Network, node: string, end?: End<In>) {
    this.#network = network;
    this.node = node;
    this.#end = end;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get peerNode(): string {
    return this.#peer?.node ?? "";
  }

  join(peer: Socket<Out, In>): void {
    this.#peer = peer;
  }

  /** Who hears what comes from now on. */
  accept(end: End<In>): void {
    this.#end = end;
  }

  send(message: Out): void {
    const peer = this.#peer;
    if (this.#isOpen && peer !== undefined) this.carry(() => peer.#take(message));
  }

  /** Close in order: what was sent arrives before. */
  close(): void {
    if (!this.#isOpen) return;
    this.vanish();
    const peer = this.#peer;
    if (peer !== undefined) this.carry(() => peer.#broken());
  }

  /** This end is gone, and does not say so. */
  vanish(): void {
    this.#isOpen = false;
    this.#end = undefined;
    this.#network.forget(this);
  }

  /** The connection breaks: what is under way is lost, and this end is told. */
  break(): void {
    this.#held = [];
    if (!this.#isOpen) return;
    const end = this.#end;
    this.vanish();
    end?.closed();
  }

  /** Let something arrive at the other node: after all before it, when nothing is in between. */
  carry(arrive: () => void): void {
    if (this.#early !== undefined) {
      this.#early.push(arrive);
      return;
    }
    const to = this.peerNode;
    if (this.#held.length > 0 || this.#network.isBlocked(this.node, to)) {
      this.#held.push(arrive);
      this.#network.holds(this);
      return;
    }
    const { world } = this.#network;
    const atMs = world.nowMs + this.#network.delayMs(this.node, to);
    this.#arrivalMs = Math.max(this.#arrivalMs, atMs);
    world.events.set(this.#arrivalMs, arrive);
  }

  /** Nothing leaves until `opens`. */
  waits(): void {
    this.#early = [];
  }

  /** The connection opens: first this arrives, then what was sent meanwhile. */
  opens(arrive: () => void): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.carry(arrive);
    for (const each of early) this.carry(each);
  }

  /** What was held back goes on. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const arrive of held) this.carry(arrive);
  }

  #take(message: In): void {
    if (this.#isOpen) {
      this.#end?.receive(message);
      return;
    }
    // A machine that is there again, and does not know this connection, says so.
    const peer = this.#peer;
    if (peer?.isOpen && this.#network.isUp(this.node)) this.carry(() => peer.#broken());
  }

  #broken(): void {
    if (!this.#isOpen) return;
    const end = this.#end;
    this.vanish();
    end?.closed();
  }
}

/** What the network needs of an end, whatever is said on it. */
export interface AnySocket {
  readonly node: string;
  readonly peerNode: string;
  close(): void;
  vanish(): void;
  break(): void;
  release(): void;
}

const NOBODY: Acceptors = {};

/** Between all nodes of a simulation. */
export class Network {
  readonly world: World;
  readonly #random: Random;
  readonly #delay: Delay;
  readonly #listeners = new Map<string, Acceptors>();
  readonly #up = new Set<string>();
  /** Open ends by node. */
  readonly #sockets = new Map<string, Set<AnySocket>>();
  readonly #blocked = new Map<string, number>();
  readonly #holding = new Map<string, Set<AnySocket>>();
  readonly #slow = new Map<string, number>();
  /** Connections that cannot open now. */
  readonly #opening = new Set<() => void>();
  /** Nodes that are down and do not even refuse. */
  readonly #isSilent = new Set<string>();

  constructor(world: World, delay: Delay) {
    this.world = world;
    this.#random = world.random("network");
    this.#delay = delay;
  }

  /** The node takes connections from now on. */
  up(node: string, acceptors: Acceptors): void {
    this.#up.add(node);
    this.#isSilent.delete(node);
    this.#listeners.set(node, acceptors);
  }

  /** The node's process ends: by its operating system (others are told) or with it (silently). */
  down(node: string, isSilent: boolean): void {
    this.#up.delete(node);
    this.#listeners.delete(node);
    if (isSilent) this.#isSilent.add(node);
    for (const socket of [...(this.#sockets.get(node) ?? [])]) {
      if (isSilent) socket.vanish();
      else socket.close();
    }
  }

  isUp(node: string): boolean {
    return this.#up.has(node);
  }

  /** Open a connection; the end hears `closed` when it is refused. */
  connect<S extends Service>(
    from: string,
    to: string,
    service: S,
    end: End<Protocols[S]["down"]>,
  ): NearSocket<S> {
    const near: NearSocket<S> = new Socket(this, from, end);
    const far: FarSocket<S> = new Socket<Protocols[S]["up"], Protocols[S]["down"]>(this, to);
    near.join(far);
    far.join(near);
    near.waits();
    this.#socketsOf(from).add(near);
    this.#open(service, near, far);
    return near;
  }

  /** What is sent before it is open waits; given up before, nothing of it arrives. */
  #open<S extends Service>(service: S, near: NearSocket<S>, far: FarSocket<S>): void {
    const [from, to] = [near.node, far.node];
    if (this.isBlocked(from, to) || this.isBlocked(to, from)) {
      this.#opening.add(() => {
        if (near.isOpen) this.#open(service, near, far);
      });
      return;
    }
    near.opens(() => {
      const acceptors: Acceptors = this.#listeners.get(to) ?? NOBODY;
      const accept: Acceptors[S] = acceptors[service];
      this.#socketsOf(to).add(far);
      if (accept !== undefined) accept(far);
      else if (this.#isSilent.has(to)) far.vanish();
      else far.close();
    });
  }

  forget(socket: AnySocket): void {
    this.#sockets.get(socket.node)?.delete(socket);
  }

  /** Break every connection between two nodes. */
  cut(one: string, other: string): void {
    for (const [node, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const socket of [...(this.#sockets.get(node) ?? [])]) {
        if (socket.peerNode === peer) socket.break();
      }
    }
  }

  /** Nothing gets through in this direction until it is healed as often as it was blocked. */
  block(from: string, to: string): void {
    const key = `${from}>${to}`;
    this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1);
  }

  heal(from: string, to: string): void {
    const key = `${from}>${to}`;
    const count = (this.#blocked.get(key) ?? 0) - 1;
    if (count > 0) {
      this.#blocked.set(key, count);
      return;
    }
    this.#blocked.delete(key);
    const holding = this.#holding.get(key);
    this.#holding.delete(key);
    for (const socket of holding ?? []) socket.release();
    const opening = [...this.#opening];
    this.#opening.clear();
    for (const open of opening) open();
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(`${from}>${to}`);
  }

  holds(socket: AnySocket): void {
    const key = `${socket.node}>${socket.peerNode}`;
    const holding = this.#holding.get(key) ?? new Set();
    holding.add(socket);
    this.#holding.set(key, holding);
  }

  /** Messages from and to the node take so many times as long; 1: as ever. */
  slow(node: string, factor: number): void {
    if (factor === 1) this.#slow.delete(node);
    else this.#slow.set(node, factor);
  }

  delayMs(from: string, to: string): number {
    const { minMs, meanMs } = this.#delay;
    const more = meanMs === 0 ? 0 : -Math.log(1 - this.#random.next()) * meanMs;
    if (this.#slow.size === 0) return Math.ceil(minMs + more);
    const factor = (this.#slow.get(from) ?? 1) * (this.#slow.get(to) ?? 1);
    return Math.ceil((minMs + more) * factor);
  }

  #socketsOf(node: string): Set<AnySocket> {
    const known = this.#sockets.get(node);
    if (known !== undefined) return known;
    const sockets = new Set<AnySocket>();
    this.#sockets.set(node, sockets);
    return sockets;
  }
}
