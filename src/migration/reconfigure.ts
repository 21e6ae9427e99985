/** The strategy without a copy: one ensemble whose servers change under its clients. */

import { type Clock, FairleadError, systemClock } from "../base/mod.ts";
import { type EnsembleConfig, type EnsembleMember, formatMember } from "../zookeeper/mod.ts";

/** A client that is a superuser of the ensemble; `ZooKeeper` of `fairlead/zookeeper/node` is one. */
export interface ReconfigurableClient {
  config(options?: { readonly timeoutMs?: number }): Promise<EnsembleConfig>;
  reconfigure(
    change: {
      readonly joining?: readonly string[];
      readonly leaving?: readonly number[];
      readonly fromVersion?: bigint;
    },
    options?: { readonly timeoutMs?: number },
  ): Promise<EnsembleConfig>;
  updateServers(connectString: string): void;
}

/** What a server says of itself when it is asked `srvr`. */
export interface MemberStatus {
  /** `3.8.0` */
  readonly version: string;
  readonly mode: string;
  readonly zxid: bigint;
}

/** Options of {@linkcode moveServers}. */
export interface MoveServersOptions {
  readonly client: ReconfigurableClient;
  /**
   * The new servers. They run already, each with the present members and itself in its
   * configuration, and have a client port.
   */
  readonly joining: readonly EnsembleMember[];
  /** Ids. @default all present members that are not among `joining` */
  readonly leaving?: readonly number[] | undefined;
  /** Asks `host:port` for its status; throws when it does not serve. */
  readonly status: (server: string) => Promise<MemberStatus>;
  /**
   * Between growing and shrinking: tell clients the new addresses. All servers serve meanwhile, so
   * that it may take its time.
   */
  readonly shift?: ((connectString: string, signal: AbortSignal) => Promise<void>) | undefined;
  /** How long each of growing, shrinking and settling may take. @default 60_000 */
  readonly stepMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@linkcode moveServers} tells. */
export type ServersEvent =
  /** All new servers follow, and have no vote yet. */
  | { readonly type: "following"; readonly ids: readonly number[] }
  | { readonly type: "grown"; readonly version: bigint; readonly ids: readonly number[] }
  | { readonly type: "shifted"; readonly connectString: string }
  | { readonly type: "shrunk"; readonly version: bigint; readonly ids: readonly number[] }
  /** All new servers serve, and one of them leads. */
  | { readonly type: "settled"; readonly leader: number };

const POLL_MS = 100;
/** An ensemble that changes its leader answers late; then its configuration tells what was done. */
const CALL_MS = 10_000;
/** What may be otherwise a moment later. */
const PASSING: readonly string[] = [
  "connection_loss",
  "timeout",
  "new_config_no_quorum",
  "reconfig_in_progress",
  // Somebody else changed it meanwhile: look again.
  "bad_version",
];

/**
 * Replace the servers of an ensemble: grow by the new ones, shift the clients, shrink by the old.
 *
 * Sessions, ephemerals, versions, zxids and watches stay, for it is the same ensemble. It can be
 * done again after a crash at any moment, and goes on with what is left. When something fails
 * before the old servers are taken out, the new ones are taken out again; a reader that leaves the
 * loop leaves the ensemble as it stands. Which servers count is
 * always read from the ensemble's own configuration, never from an answer that may be lost.
 *
 * @throws {FairleadError} `reconfig_refused` before anything was changed, with what helps;
 * `reconfig_undone` when the old servers are in charge again; `reconfig_unfinished` when the new
 * ones are, but not all of them serve; the signal's reason, after which it is undone as well.
 */
export async function* moveServers(
  options: MoveServersOptions,
): AsyncGenerator<ServersEvent, undefined> {
  const move = new ServersMove(options);
  const before = await move.read();
  move.check(before);
  try {
    yield* move.grow(before);
    yield* move.shrink();
  } catch (cause) {
    throw await move.undo(cause, before);
  }
  yield* move.settle();
  return undefined;
}

class ServersMove {
  readonly #options: MoveServersOptions;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #ids: readonly number[];

  constructor(options: MoveServersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#ids = options.joining.map(({ id }) => id);
  }

  async read(): Promise<EnsembleConfig> {
    return this.#until("read the configuration", () =>
      this.#options.client.config({ timeoutMs: CALL_MS }),
    );
  }

  check({ members }: EnsembleConfig): void {
    const { joining } = this.#options;
    if (joining.length === 0) throw refused("nobody is to join: name the new servers", "joining");
    for (const each of joining) {
      if (each.clientPort === undefined) {
        throw refused(`server ${each.id} has no client port`, "joining");
      }
      const present = members.find(({ id }) => id === each.id);
      if (present !== undefined && !isSamePlace(present, each)) {
        const where = `${present.host}:${present.quorumPort}`;
        throw refused(`server ${each.id} is there already, at ${where}: choose other ids`, "id");
      }
    }
    const stays = members.filter(({ id }) => !this.#leaving(members).includes(id));
    const voters = [...stays, ...joining].filter(({ role }) => role === "participant");
    if (voters.length === 0) throw refused("nobody would be left to vote", "leaving");
  }

  async *grow(before: EnsembleConfig): AsyncGenerator<ServersEvent> {
    const { client, joining, shift } = this.#options;
    await this.#follow(before);
    yield { type: "following", ids: this.#ids };
    const missing = (members: readonly EnsembleMember[]) =>
      joining.filter(({ id }) => !members.some((each) => each.id === id));
    const grown = await this.#change(
      ({ members }) => missing(members).length === 0,
      ({ members, version }) => ({
        joining: missing(members).map((each) => `server.${each.id}=${formatMember(each)}`),
        fromVersion: version,
      }),
    );
    yield { type: "grown", version: grown.version, ids: grown.members.map(({ id }) => id) };
    const connectString = joining.map(addressOf).join(",");
    await shift?.(connectString, this.#signal);
    this.#signal.throwIfAborted();
    // From here on through servers that stay.
    client.updateServers(connectString);
    yield { type: "shifted", connectString };
  }

  async *shrink(): AsyncGenerator<ServersEvent> {
    const shrunk = await this.#change(
      ({ members }) => this.#leaving(members).length === 0,
      ({ members, version }) => ({ leaving: this.#leaving(members), fromVersion: version }),
    );
    yield { type: "shrunk", version: shrunk.version, ids: shrunk.members.map(({ id }) => id) };
  }

  async *settle(): AsyncGenerator<ServersEvent> {
    const { joining } = this.#options;
    const leader = await this.#until("see the new servers serve", async () => {
      const states = await Promise.all(joining.map((each) => this.#statusOf(each)));
      const at = states.findIndex(({ mode }) => mode === "leader");
      if (at < 0) throw new FairleadError("not_serving", "Cannot find a leader: nobody leads yet");
      return joining[at]?.id ?? 0;
    }).catch((cause: unknown) => {
      throw unfinished(cause);
    });
    yield { type: "settled", leader };
  }

  /** Take the new servers out again; gives what is to be thrown. */
  async undo(cause: unknown, before: EnsembleConfig): Promise<unknown> {
    const isRefusal = cause instanceof FairleadError && cause.code === "reconfig_refused";
    const { client, joining } = this.#options;
    const known = before.members.filter(({ clientPort }) => clientPort !== undefined);
    if (known.length > 0) client.updateServers(known.map(addressOf).join(","));
    const joined = (members: readonly EnsembleMember[]) =>
      joining.filter(({ id }) => members.some((each) => each.id === id)).map(({ id }) => id);
    const ending = new AbortController().signal;
    let wasThere = false;
    const { members: present } = await this.#change(
      ({ members }) => {
        wasThere ||= joined(members).length > 0;
        // Once the old ones are out they are the ensemble, and stay.
        return joined(members).length === 0 || this.#leaving(members).length === 0;
      },
      ({ members }) => ({ leaving: joined(members) }),
      ending,
    );
    if (joined(present).length > 0) {
      client.updateServers(joining.map(addressOf).join(","));
      return unfinished(cause);
    }
    if (isRefusal && !wasThere) return cause;
    if (this.#signal.aborted) return this.#signal.reason;
    const { message } = FairleadError.from(cause);
    const why = `Cannot move the servers: ${message}; the old ones are in charge, as before`;
    return new FairleadError("reconfig_undone", why, { cause });
  }

  #leaving(members: readonly EnsembleMember[]): number[] {
    const { leaving } = this.#options;
    const ids = members.map(({ id }) => id);
    return ids.filter((id) => leaving?.includes(id) ?? !this.#ids.includes(id));
  }

  /** Wait until every new server follows with what the leader has. */
  async #follow({ members }: EnsembleConfig): Promise<void> {
    const lines = new Set<string>();
    const present = await Promise.all(
      members.map((each) => this.#statusOf(each).catch(() => undefined)),
    );
    const leader = present.find((each) => each?.mode === "leader" || each?.mode === "standalone");
    if (leader === undefined) throw refused("the ensemble has no leader that answers srvr", "srvr");
    if (leader.mode === "standalone") {
      throw refused("the server stands alone: it has no quorum that others could join", "source");
    }
    lines.add(lineOf(leader));
    await this.#until("see the new servers follow", async () => {
      for (const each of this.#options.joining) {
        const { version, zxid } = await this.#statusOf(each);
        if (lineOf({ version }) !== lineOf(leader)) {
          const why = `server ${each.id} is ${version}, and the leader ${leader.version}`;
          throw refused(`${why}: both have to be of one line`, "version");
        }
        if (zxid < leader.zxid) throw new FairleadError("not_serving", behind(each));
      }
    });
  }

  #statusOf(member: EnsembleMember): Promise<MemberStatus> {
    return this.#options.status(addressOf(member));
  }

  /** Ask until the configuration is as it should be; what an answer says does not count. */
  async #change(
    isDone: (config: EnsembleConfig) => boolean,
    change: (config: EnsembleConfig) => Parameters<ReconfigurableClient["reconfigure"]>[0],
    signal = this.#signal,
  ): Promise<EnsembleConfig> {
    const { client } = this.#options;
    return await this.#until(
      "change the configuration",
      async () => {
        const config = await client.config({ timeoutMs: CALL_MS });
        if (isDone(config)) return config;
        const after = await client.reconfigure(change(config), { timeoutMs: CALL_MS });
        if (isDone(after)) return after;
        throw new FairleadError("reconfig_in_progress", "Cannot see the change yet");
      },
      signal,
    );
  }

  /** Try again while what fails may pass; the watchdog of each step. */
  async #until<T>(what: string, act: () => Promise<T>, signal = this.#signal): Promise<T> {
    const { stepMs = 60_000 } = this.#options;
    const deadlineMs = this.#clock.nowMs() + stepMs;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await act();
      } catch (cause) {
        const { code, message } = FairleadError.from(cause);
        if (!PASSING.includes(code) && !isAbsent(code)) throw cause;
        if (this.#clock.nowMs() >= deadlineMs) {
          const why = `Cannot ${what}: not in ${stepMs} ms: ${message}`;
          throw new FairleadError("timeout", why, { cause });
        }
      }
      await this.#clock.sleep(POLL_MS, { signal });
    }
  }
}

/** A server that does not serve yet, or not now. */
function isAbsent(code: string): boolean {
  return code === "not_serving" || code === "admin_failed";
}

function addressOf({ host, clientHost, clientPort }: EnsembleMember): string {
  const isAny = clientHost === undefined || clientHost === "0.0.0.0" || clientHost === "[::]";
  return `${isAny ? host : clientHost}:${clientPort}`;
}

function isSamePlace(one: EnsembleMember, other: EnsembleMember): boolean {
  return one.host === other.host && one.quorumPort === other.quorumPort;
}

/** "3.8" of "3.8.0". */
function lineOf({ version }: Pick<MemberStatus, "version">): string {
  return version.split(".").slice(0, 2).join(".");
}

function behind({ id }: EnsembleMember): string {
  return `Cannot count on server ${id}: it is behind the leader`;
}

function unfinished(cause: unknown): FairleadError {
  const { message } = FairleadError.from(cause);
  const why = `Cannot end the move: the old servers are out, but ${message}`;
  return new FairleadError("reconfig_unfinished", why, { cause });
}

function refused(why: string, field: string): FairleadError {
  return new FairleadError("reconfig_refused", `Cannot move the servers: ${why}`, {
    details: { field },
  });
}
