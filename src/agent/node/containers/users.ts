/** Users by name, as the host knows them: files, LDAP or whatever id(1) asks. */
import type { Launcher } from "../launcher/client.ts";
import { Obstacle } from "./failures.ts";

/** A user and the groups it is in. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

const KNOWN_MS = 60_000;
const KNOWN_MAX = 1_000;

/** Looks users up, and remembers them for a minute. */
export class Users {
  readonly #launcher: Launcher;
  readonly #known = new Map<string, { readonly user: Promise<User>; readonly untilMs: number }>();

  constructor(launcher: Launcher) {
    this.#launcher = launcher;
  }

  /** @throws {Obstacle} when there is no such user. */
  find(name: string): Promise<User> {
    const known = this.#known.get(name);
    if (known !== undefined && known.untilMs > Date.now()) return known.user;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    const user = this.#ask(name);
    this.#known.set(name, { user, untilMs: Date.now() + KNOWN_MS });
    user.catch(() => this.#known.delete(name));
    return user;
  }

  async #ask(name: string): Promise<User> {
    const script = 'id -u -- "$1" && id -g -- "$1" && id -G -- "$1"';
    const { waitStatus, stdout } = await this.#launcher.run({
      program: {
        path: "/bin/sh",
        argv: ["sh", "-c", script, "sh", name],
        environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
        folder: "/",
      },
      timeoutMs: 10_000,
      outputBytesMax: 100_000,
    });
    const [uid, gid, groups] = stdout.split("\n");
    if (waitStatus !== 0 || !uid || !gid) throw new Obstacle(`there is no user "${name}"`);
    const all = (groups ?? "")
      .split(" ")
      .filter((each) => each !== "")
      .map(Number);
    return { name, uid: Number(uid), gid: Number(gid), groups: all };
  }
}
