/** A process beside the one that measures, spoken to in lines of JSON. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const HERE = new URL("./", import.meta.url);
const WAIT_MS = 120_000;

/** What most messages are: numbers by name. */
export type Counts = Readonly<Record<string, number>>;

/** A process that is spoken to in lines of JSON. */
export class Peer {
  readonly child: ChildProcess;
  readonly #waiting = new Map<string, ((message: Record<string, unknown>) => void)[]>();
  #errors = "";

  constructor(program: string, settings: object, flags: readonly string[] = []) {
    const path = new URL(`${program}.js`, HERE).pathname;
    this.child = spawn(process.execPath, [...flags, path, JSON.stringify(settings)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stderr?.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-4_000);
    });
    this.child.stdin?.on("error", () => undefined);
    if (this.child.stdout) {
      createInterface({ input: this.child.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.type === "failed") throw new Error(`${program}: ${message.message}`);
        for (const resolve of this.#waiting.get(message.type)?.splice(0) ?? []) resolve(message);
      });
    }
  }

  /** The next message of a type. */
  next<T extends object = Counts>(type: string, waitMs = WAIT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Cannot wait any longer for "${type}": ${this.#errors}`)),
        waitMs,
      );
      const waiting = this.#waiting.get(type) ?? [];
      this.#waiting.set(type, waiting);
      waiting.push((message) => {
        clearTimeout(timer);
        resolve(message as T);
      });
    });
  }

  say(command: object): void {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  ask<T extends object = Counts>(command: string): Promise<T> {
    const answered = this.next<T>(command);
    this.say({ type: command });
    return answered;
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill(signal);
    await ended;
  }
}
