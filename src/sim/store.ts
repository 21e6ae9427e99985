/** A store of a few hosts seen as one: keeps the registry, and lets one master lead at a time. */
import type { Random } from "../base/mod.ts";
import type { RegistryOp } from "../master/mod.ts";
import type { Network } from "./network.ts";
import type { FarSocket, Protocols } from "./protocols.ts";
import type { World } from "./world.ts";

/** How the store behaves. */
export interface StoreTimes {
  /** A session that says nothing for so long is over. */
  readonly sessionMs: number;
  /** A write takes so long, on average, beside the network. */
  readonly writeMs: number;
}

interface Session {
  readonly id: string;
  /** The node that it is of. */
  readonly node: string;
  socket: FarSocket<"session">;
  /** The last `renew` that came. */
  sequence: number;
  expiresMs: number;
}

/** Where the store is in the network. */
export const STORE_NODE = "store";

/** Sessions lead in the order in which they came; a term is one leadership. */
export class SimulatedStore {
  readonly #world: World;
  readonly #times: StoreTimes;
  readonly #random: Random;
  readonly #nodes = new Map<string, Uint8Array>();
  /** In the order of coming; the first one leads. */
  readonly #sessions = new Map<string, Session>();
  #term = 0;
  #leading: string | undefined;
  #failsWrites = false;

  constructor(world: World, network: Network, times: StoreTimes) {
    this.#world = world;
    this.#times = times;
    this.#random = world.random("store");
    network.up(STORE_NODE, { session: (socket) => this.#accept(socket) });
  }

  /** The node of the session that leads. */
  get leader(): string | undefined {
    return this.#leading === undefined ? undefined : this.#sessions.get(this.#leading)?.node;
  }

  /** From now on writes fail, half of them after they were done; or they succeed again. */
  failWrites(fails: boolean): void {
    this.#failsWrites = fails;
  }

  #accept(socket: FarSocket<"session">): void {
    socket.accept({
      receive: (message) => this.#receive(socket, message),
      closed: () => undefined, // The session outlives its connection.
    });
  }

  #receive(socket: FarSocket<"session">, message: Protocols["session"]["up"]): void {
    this.#expire();
    if (message.type === "resign") {
      this.#sessions.delete(message.session);
      this.#elect();
      return;
    }
    const known = this.#sessions.get(message.session);
    if (message.type === "renew") this.#renew(socket, message, known);
    else if (known === undefined) socket.send({ type: "expired" });
    else if (message.type === "read") {
      const nodes = [...this.#nodes].map(([path, value]) => ({ path, value }));
      socket.send({ type: "nodes", term: message.term, nodes });
    } else this.#write(socket, message);
  }

  #renew(
    socket: FarSocket<"session">,
    { session: id, sequence }: Extract<Protocols["session"]["up"], { readonly type: "renew" }>,
    known: Session | undefined,
  ): void {
    if (known === undefined && sequence > 0) {
      socket.send({ type: "expired" });
      return;
    }
    const session = known ?? { id, node: socket.peerNode, socket, sequence, expiresMs: 0 };
    session.socket = socket;
    session.sequence = sequence;
    session.expiresMs = this.#world.nowMs + this.#times.sessionMs;
    this.#world.after(this.#times.sessionMs, () => this.#expire());
    if (known === undefined) {
      this.#sessions.set(id, session);
      this.#elect();
    }
    this.#tell(session);
  }

  #tell({ id, socket, sequence }: Session): void {
    const term = this.#leading === id ? this.#term : undefined;
    socket.send({ type: "renewed", sequence, term, leader: this.leader });
  }

  #expire(): void {
    const { nowMs } = this.#world;
    for (const [id, { expiresMs, node }] of this.#sessions) {
      if (expiresMs > nowMs) continue;
      this.#world.trace(STORE_NODE, () => `the session of ${node} is over`);
      this.#sessions.delete(id);
    }
    this.#elect();
  }

  #elect(): void {
    if (this.#leading !== undefined && this.#sessions.has(this.#leading)) return;
    const [next] = this.#sessions.values();
    this.#leading = next?.id;
    if (next === undefined) return;
    this.#term += 1;
    this.#world.trace(STORE_NODE, () => `term ${this.#term} is that of ${next.node}`);
    for (const session of this.#sessions.values()) this.#tell(session);
  }

  #write(
    socket: FarSocket<"session">,
    message: Extract<Protocols["session"]["up"], { readonly type: "write" }>,
  ): void {
    const { session, term, token, ops } = message;
    if (session !== this.#leading || term !== this.#term) {
      socket.send({ type: "refused", token, message: "somebody else leads" });
      return;
    }
    const fails = this.#failsWrites;
    if (!fails || this.#random.int(2) === 0) this.#apply(ops);
    // Applied at once and told later, so that writes keep their order: a crash may come between.
    this.#world.after(this.#random.int(2 * this.#times.writeMs + 1), () => {
      if (fails) socket.send({ type: "refused", token, message: "the store fails" });
      else socket.send({ type: "written", token });
    });
  }

  #apply(ops: readonly RegistryOp[]): void {
    for (const op of ops) {
      if (op.op === "put") this.#nodes.set(op.path, op.value);
      else this.#nodes.delete(op.path);
    }
  }
}
