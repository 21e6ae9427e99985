/** One master process: stands for election, reads the registry, leads, and is lost again. */
import type { Random } from "../base/mod.ts";
import {
  MasterCore,
  type MasterEffect,
  type MasterInput,
  type MasterOptions,
} from "../master/mod.ts";
import type { MasterMessage } from "../model/mod.ts";
import type { BatchResult } from "../scheduler/mod.ts";
import { uuid } from "./ids.ts";
import type { Network } from "./network.ts";
import type { NodeClock } from "./node_clock.ts";
import type { FarSocket, Head, NearSocket, Protocols } from "./protocols.ts";
import { STORE_NODE } from "./store.ts";
import type { World } from "./world.ts";

/** What of a master's core a simulation may be told. */
export type SimulatedMasterOptions = Omit<
  MasterOptions,
  "masterInfo" | "clock" | "seed" | "authorize" | "metrics"
>;

/** What a master node is made of. */
export interface MasterNodeOptions {
  readonly id: string;
  readonly index: number;
  readonly world: World;
  readonly network: Network;
  readonly clock: NodeClock;
  readonly sessionMs: number;
  readonly core: SimulatedMasterOptions;
  /** A leadership began: the moment to look whether it is the only one. */
  readonly onLeading: (node: MasterNode) => void;
}

type Reply = (status: number, message: string | undefined, body: unknown) => void;

/** Of its session, a master trusts this part: what its clock gains meanwhile is far less. */
const TRUSTED_PART = 0.75;
const RENEWALS_PER_SESSION = 4;
const RETRY_MS = 500;

/** One run of the process; another one knows nothing of it. */
class Run {
  session: string;
  socket: NearSocket<"session"> | undefined;
  sequence = 0;
  /** When each `renew` was sent, by its sequence, on this master's clock. */
  readonly sentMs = new Map<number, number>();
  heldUntilMs = 0;
  term: number | undefined;
  leader: string | undefined;
  core: MasterCore | undefined;
  armedMs: number | undefined;
  readonly unwritten = new Set<number>();
  readonly links = new Map<number, FarSocket<"link">>();
  readonly streams = new Map<string, FarSocket<"stream">>();
  readonly requests = new Map<number, Reply>();
  isBeating = false;

  constructor(session: string) {
    this.session = session;
  }
}

export class MasterNode {
  readonly id: string;
  readonly #options: MasterNodeOptions;
  readonly #random: Random;
  #run: Run | undefined;
  #counter = 0;

  constructor(options: MasterNodeOptions) {
    this.id = options.id;
    this.#options = options;
    this.#random = options.world.random(options.id);
  }

  get isUp(): boolean {
    return this.#run !== undefined;
  }

  /** The core that leads, while its master may be sure of that. */
  get leading(): MasterCore | undefined {
    const run = this.#run;
    const { core } = run ?? {};
    if (run === undefined || core?.state.status !== "leading") return undefined;
    return this.#options.clock.nowMs() < run.heldUntilMs ? core : undefined;
  }

  /** Make an operator's call; the answer comes when it is there. */
  operate(call: Extract<MasterInput, { type: "operator_call" }>["call"], reply: Reply): void {
    const run = this.#run;
    if (run?.core === undefined) {
      reply(503, "Master is not the leader", undefined);
      return;
    }
    const request = ++this.#counter;
    run.requests.set(request, reply);
    this.#step(run, { type: "operator_call", request, call });
  }

  start(): void {
    if (this.#run !== undefined) return;
    const run = new Run(uuid(this.#random));
    this.#run = run;
    this.#options.network.up(this.id, {
      link: (socket) => this.#acceptLink(run, socket),
      stream: (socket) => this.#acceptStream(run, socket),
      post: (socket) => this.#acceptPost(run, socket),
    });
    this.#connect(run);
    this.#renewAgainAndAgain(run);
  }

  crash(isSilent: boolean): void {
    this.#run = undefined;
    this.#options.network.down(this.id, isSilent);
  }

  // The session with the store.

  #connect(run: Run): void {
    if (this.#run !== run) return;
    run.socket = this.#options.network.connect(this.id, STORE_NODE, "session", {
      receive: (message) => this.#hearStore(run, message),
      closed: () => {
        run.socket = undefined;
        // Nobody knows whether these were written.
        for (const token of run.unwritten) {
          this.#step(run, { type: "persist_failed", token, message: "the connection broke" });
          break;
        }
        this.#options.world.after(RETRY_MS, () => this.#connect(run));
      },
    });
    this.#renew(run);
    if (run.term !== undefined && run.core?.state.status === "recovering") this.#read(run);
  }

  #renewAgainAndAgain(run: Run): void {
    if (this.#run !== run) return;
    this.#checkHeld(run);
    this.#renew(run);
    const { world, sessionMs } = this.#options;
    world.after(sessionMs / RENEWALS_PER_SESSION, () => this.#renewAgainAndAgain(run));
  }

  #renew(run: Run): void {
    if (run.socket === undefined) return;
    const { sequence, session } = run;
    run.sequence += 1;
    run.sentMs.set(sequence, this.#options.clock.nowMs());
    run.socket.send({ type: "renew", session, sequence });
  }

  #hearStore(run: Run, message: Protocols["session"]["down"]): void {
    if (this.#run !== run) return;
    switch (message.type) {
      case "renewed":
        this.#renewed(run, message);
        return;
      case "expired":
        this.#endTerm(run);
        return;
      case "nodes":
        if (message.term === run.term) this.#recovered(run, message.nodes);
        return;
      case "written":
        run.unwritten.delete(message.token);
        this.#step(run, { type: "persisted", token: message.token });
        return;
      case "refused":
        if (!run.unwritten.has(message.token)) return;
        this.#step(run, {
          type: "persist_failed",
          token: message.token,
          message: message.message,
        });
        return;
    }
  }

  #renewed(
    run: Run,
    message: Extract<Protocols["session"]["down"], { readonly type: "renewed" }>,
  ): void {
    const { sequence, term, leader } = message;
    const sentMs = run.sentMs.get(sequence);
    if (sentMs === undefined) return;
    for (const each of run.sentMs.keys()) if (each < sequence) run.sentMs.delete(each);
    run.leader = leader;
    if (term === undefined) return;
    const heldUntilMs = sentMs + this.#options.sessionMs * TRUSTED_PART;
    // A word that took too long is no leadership.
    if (heldUntilMs <= this.#options.clock.nowMs()) return;
    run.heldUntilMs = Math.max(run.heldUntilMs, heldUntilMs);
    if (run.term === term) return;
    run.term = term;
    run.core = this.#createCore();
    this.#options.world.trace(this.id, () => `elected for term ${term}`);
    this.#read(run);
  }

  #read(run: Run): void {
    if (run.term === undefined) return;
    run.socket?.send({ type: "read", session: run.session, term: run.term });
  }

  #createCore(): MasterCore {
    const { core, clock, index } = this.#options;
    return new MasterCore({
      ...core,
      masterInfo: {
        id: uuid(this.#random),
        ip: 0x0100007f,
        port: 5_050,
        hostname: this.id,
        version: "1.11.0",
        capabilities: index % 2 === 0 ? [{ type: "CALL_BATCH" }] : [],
      },
      clock,
      seed: this.#random.u32(),
    });
  }

  #recovered(run: Run, nodes: Extract<MasterInput, { type: "recovered" }>["nodes"]): void {
    if (run.core?.state.status !== "recovering") return;
    this.#step(run, { type: "recovered", nodes });
    if (this.leading === undefined) return;
    this.#options.world.trace(this.id, () => `leads term ${run.term}`);
    this.#options.onLeading(this);
  }

  /** Somebody else may lead: end all that was begun, and stand again with a new session. */
  #endTerm(run: Run): void {
    const { core } = run;
    if (core?.state.status === "leading") {
      this.#options.world.trace(this.id, () => "leads no more");
      this.#perform(run, core.step({ type: "lost_leadership" }));
    }
    run.socket?.send({ type: "resign", session: run.session });
    for (const socket of run.links.values()) socket.close();
    for (const socket of run.streams.values()) socket.close();
    for (const reply of run.requests.values()) reply(503, "Master is not the leader", undefined);
    run.links.clear();
    run.streams.clear();
    run.requests.clear();
    run.unwritten.clear();
    run.sentMs.clear();
    run.core = undefined;
    run.term = undefined;
    run.heldUntilMs = 0;
    run.session = uuid(this.#random);
    run.sequence = 0;
  }

  /** False when this master may not act any more. */
  #checkHeld(run: Run): boolean {
    if (run.core === undefined) return false;
    if (this.#options.clock.nowMs() < run.heldUntilMs) return true;
    this.#endTerm(run);
    return false;
  }

  // The core.

  #step(run: Run, input: MasterInput): void {
    if (this.#run !== run || !this.#checkHeld(run) || run.core === undefined) return;
    const { core } = run;
    this.#perform(run, core.step(input));
    if (run.core === core) this.#arm(run, core);
  }

  #arm(run: Run, core: MasterCore): void {
    const dueMs = core.nextDueMs();
    if (dueMs === undefined || (run.armedMs !== undefined && run.armedMs <= dueMs)) return;
    const { world, clock } = this.#options;
    run.armedMs = dueMs;
    world.after(clock.untilMs(dueMs), () => {
      if (this.#run !== run || run.armedMs !== dueMs) return;
      run.armedMs = undefined;
      if (run.core === undefined) return;
      const nowDueMs = run.core.nextDueMs();
      if (nowDueMs !== undefined && nowDueMs <= clock.nowMs()) this.#step(run, { type: "tick" });
      else this.#arm(run, run.core);
    });
  }

  #perform(run: Run, effects: readonly MasterEffect[]): void {
    const outgoing = new Map<number, MasterMessage[]>();
    const flush = (link: number) => {
      const messages = outgoing.get(link);
      outgoing.delete(link);
      if (messages !== undefined) run.links.get(link)?.send({ type: "messages", messages });
    };
    for (const effect of effects) {
      switch (effect.type) {
        case "send_agent": {
          const messages = outgoing.get(effect.link);
          if (messages === undefined) outgoing.set(effect.link, [effect.message]);
          else messages.push(effect.message);
          break;
        }
        case "end_link": {
          flush(effect.link);
          const socket = run.links.get(effect.link);
          run.links.delete(effect.link);
          socket?.close();
          break;
        }
        case "send_framework":
          run.streams.get(effect.connection)?.send({ type: "event", event: effect.event });
          break;
        case "end_framework": {
          const socket = run.streams.get(effect.connection);
          run.streams.delete(effect.connection);
          socket?.close();
          break;
        }
        case "reply": {
          const reply = run.requests.get(effect.request);
          run.requests.delete(effect.request);
          reply?.(effect.status, effect.message, effect.body);
          break;
        }
        case "persist":
          this.#persist(run, effect);
          break;
        case "step_down":
          this.#options.world.trace(this.id, () => `steps down: ${effect.message}`);
          this.#endTerm(run);
          break;
        case "log":
          this.#options.world.trace(this.id, () => `${effect.level}: ${effect.message}`);
          break;
        case "publish":
          break;
      }
    }
    for (const link of outgoing.keys()) flush(link);
  }

  #persist(run: Run, { token, ops }: Extract<MasterEffect, { readonly type: "persist" }>): void {
    if (run.term === undefined) return;
    run.unwritten.add(token);
    const { session, term } = run;
    if (run.socket !== undefined) run.socket.send({ type: "write", session, term, token, ops });
    else {
      const message = "the store cannot be reached";
      this.#options.world.after(0, () =>
        this.#step(run, { type: "persist_failed", token, message }),
      );
    }
  }

  // Those who connect.

  #leader(run: Run): string | undefined {
    return run.leader === this.id ? undefined : run.leader;
  }

  #acceptLink(run: Run, socket: FarSocket<"link">): void {
    if (!this.#checkHeld(run) || run.core?.state.status !== "leading") {
      socket.send({ type: "elsewhere", leader: this.#leader(run) });
      socket.close();
      return;
    }
    const link = ++this.#counter;
    run.links.set(link, socket);
    socket.accept({
      receive: (messages) => this.#step(run, { type: "agent_messages", link, messages }),
      closed: () => {
        if (run.links.delete(link)) this.#step(run, { type: "link_closed", link });
      },
    });
    socket.send({ type: "open" });
    this.#step(run, { type: "link_opened", link, address: "127.0.0.1" });
  }

  /** Whether requests are served; otherwise they were answered. */
  #serves(run: Run, answer: (head: Head) => void): boolean {
    if (this.#checkHeld(run) && run.core?.state.status === "leading") return true;
    const leader = this.#leader(run);
    const status = leader === undefined ? 503 : 307;
    answer({ type: "head", status, leader, message: "Master is not the leader" });
    return false;
  }

  #acceptStream(run: Run, socket: FarSocket<"stream">): void {
    socket.accept({
      receive: ({ call, principal }) => {
        if (!this.#serves(run, (head) => socket.send(head))) {
          socket.close();
          return;
        }
        const connection = uuid(this.#random);
        run.streams.set(connection, socket);
        socket.accept({
          receive: () => undefined,
          closed: () => {
            if (!run.streams.delete(connection)) return;
            this.#step(run, { type: "framework_disconnected", connection });
          },
        });
        socket.send({ type: "head", status: 200, streamId: connection });
        this.#step(run, { type: "subscribe", connection, principal, call });
        this.#beat(run);
      },
      closed: () => undefined,
    });
  }

  /** HEARTBEATs, as long as there is somebody to hear them. */
  #beat(run: Run): void {
    if (run.isBeating || run.core === undefined) return;
    run.isBeating = true;
    const beat = () => {
      run.isBeating = false;
      if (this.#run !== run || run.streams.size === 0) return;
      for (const socket of run.streams.values()) {
        socket.send({ type: "event", event: { type: "HEARTBEAT" } });
      }
      this.#beat(run);
    };
    this.#options.world.after(run.core.options.heartbeatMs, beat);
  }

  #acceptPost(run: Run, socket: FarSocket<"post">): void {
    socket.accept({
      receive: (request) => {
        const answer = (head: Protocols["post"]["down"]) => {
          socket.send(head);
          socket.close();
        };
        if (this.#serves(run, answer)) this.#makeCalls(run, request, answer);
      },
      closed: () => undefined,
    });
  }

  #makeCalls(
    run: Run,
    { calls, streamId, principal, isBatch }: Protocols["post"]["up"],
    answer: (head: Protocols["post"]["down"]) => void,
  ): void {
    const results: BatchResult[] = [];
    let left = calls.length;
    calls.forEach((call, at) => {
      if (call.type === "SUBSCRIBE") return;
      const request = ++this.#counter;
      run.requests.set(request, (status, message) => {
        results[at] = { status, message };
        left -= 1;
        if (left > 0) return;
        const isTaken = results.every((result) => result.status === 202 || result.status === 200);
        if (!isBatch) answer({ type: "head", status, ...(message !== undefined && { message }) });
        else if (isTaken) answer({ type: "head", status: 202 });
        else answer({ type: "head", status: 200, results });
      });
      this.#step(run, { type: "framework_call", request, stream: streamId, principal, call });
    });
  }
}
