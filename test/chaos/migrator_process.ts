/** A migrator as the campaign sees it: it can be asked, killed, frozen, and dies by itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Act, type News, newsSchema, type Order, type Setup } from "./messages.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSX = `${ROOT}node_modules/tsx/dist/loader.mjs`;
const PROGRAM = `${ROOT}test/chaos/migrator.ts`;

/** What a migrator's act came to. */
export type Outcome =
  | { readonly type: "done"; readonly differences: number }
  | { readonly type: "refused"; readonly code: string; readonly message: string }
  /** It is gone: by our hand, or by an error of its own. */
  | { readonly type: "gone" };

/** What a campaign hears of a migrator. */
export interface Listener {
  /** A hook or a fence asks; it goes on when the promise resolves. */
  asked(what: string): Promise<void>;
  phase(phase: string): void;
  opened(fencedMs: number): void;
  lag(lagMs: number): void;
  resolved(count: number): void;
}

/** One process. */
export class MigratorProcess {
  readonly setup: Setup;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  readonly started: Promise<boolean>;
  phase = "";
  /** Why it ended, where it said so. */
  failure: { readonly code: string; readonly message: string } | undefined;
  readonly #child: ChildProcess;
  readonly #listener: Listener;
  #acting: ((outcome: Outcome) => void) | undefined;
  #hasStarted: (started: boolean) => void = () => {};
  #said = "";

  /** @param uid The user it runs as, so that its packets can be told; undefined: our own. */
  constructor(setup: Setup, listener: Listener, uid: number | undefined) {
    this.setup = setup;
    this.#listener = listener;
    this.#child = spawn(process.execPath, ["--import", TSX, PROGRAM], {
      cwd: ROOT,
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        CHAOS_SETUP: JSON.stringify(setup),
        TSX_TSCONFIG_PATH: `${ROOT}tsconfig.json`,
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.started = new Promise((resolve) => {
      this.#hasStarted = resolve;
    });
    this.#child.on("message", (message) => this.#hear(newsSchema.parse(message)));
    this.#child.stderr?.on("data", (chunk: Uint8Array) => {
      this.#said = `${this.#said}${chunk}`.slice(-2_000);
    });
    this.exited = once(this.#child, "exit").then(() => this.#gone());
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The last that it said on stderr. */
  get said(): string {
    return this.#said;
  }

  /** One act at a time. */
  act(act: Act): Promise<Outcome> {
    if (this.isGone) return Promise.resolve({ type: "gone" });
    return new Promise((resolve) => {
      this.#acting = resolve;
      this.#send({ type: "act", act });
    });
  }

  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  async stop(): Promise<void> {
    this.thaw();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    if (!this.isGone) this.#send({ type: "act", act: "stop" });
    await this.exited;
    clearTimeout(timer);
  }

  #send(order: Order): void {
    // To one that is gone nothing is sent, and its end is told elsewhere.
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  #gone(): void {
    this.#hasStarted(false);
    this.#acting?.({ type: "gone" });
  }

  #hear(news: News): void {
    switch (news.type) {
      case "phase":
        this.phase = news.phase;
        this.#listener.phase(news.phase);
        return;
      case "started":
        this.phase = news.phase;
        this.#hasStarted(true);
        return;
      case "opened":
        this.#listener.opened(news.fencedMs);
        return;
      case "lag":
        this.#listener.lag(news.lagMs);
        return;
      case "settled":
        this.#listener.resolved(news.count);
        return;
      case "failed":
        this.failure = news;
        return;
      case "done":
        this.#acting?.({ type: "done", differences: news.differences });
        return;
      case "refused":
        this.#acting?.({ type: "refused", code: news.code, message: news.message });
        return;
      case "ask":
        void this.#listener
          .asked(news.what)
          .then(() => this.#send({ type: "answer", question: news.question }));
    }
  }
}
