/** A subtree that a client takes for the whole tree. */
export class Chroot {
  /** The server's path of the root: empty when there is no chroot. */
  readonly prefix: string;

  /** @param path A checked path; `/` is no chroot. */
  constructor(path = "/") {
    this.prefix = path === "/" ? "" : path;
  }

  /** The server's path of one of ours. */
  full(path: string): string {
    if (this.prefix === "") return path;
    return path === "/" ? this.prefix : this.prefix + path;
  }

  /** Our path of one of the server's; what lies outside stays as it is. */
  strip(path: string): string {
    if (this.prefix === "" || !this.#holds(path)) return path;
    return path.length === this.prefix.length ? "/" : path.slice(this.prefix.length);
  }

  #holds(path: string): boolean {
    return path === this.prefix || path.startsWith(`${this.prefix}/`);
  }
}
