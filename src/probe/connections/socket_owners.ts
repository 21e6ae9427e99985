/** Which process holds a socket: learnt from links of file descriptors, a few processes a time. */

/** What a look at a process's descriptors found. */
export interface DescriptorLook {
  /** Descriptors that are sockets, with the sockets' inodes. */
  readonly sockets: ReadonlyMap<number, number>;
  /** Descriptors that are something else. */
  readonly others: ReadonlySet<number>;
}

interface Visited extends DescriptorLook {
  readonly visits: number;
  readonly scan: number;
}

/** So often are descriptors that were no sockets looked at again. */
const RECHECK_VISITS = 8;
/** For so many scans is an inode not looked for again once nobody was found to hold it. */
const ORPHAN_SCANS = 30;
const HOLDER_WEIGHT = 4;
const NOTHING: ReadonlySet<number> = new Set();

/**
 * Remembers owners, and says whom to look at for those that are missing: processes never looked at
 * first, then those that wait longest, where one that holds sockets waits four times as hard. Where
 * all owners are known there is nothing to do.
 *
 * Memory: one entry a socket, and one a descriptor of the processes that were looked at.
 */
export class SocketOwners {
  readonly #pidByInode = new Map<number, number>();
  readonly #visited = new Map<number, Visited>();
  readonly #orphans = new Map<number, number>();
  #wanted = new Set<number>();
  #scan = 0;
  #version = 0;

  /** Another number whenever some socket has another owner. */
  get version(): number {
    return this.#version;
  }

  /** How many sockets wait for an owner. */
  get missing(): number {
    return this.#wanted.size;
  }

  /** The holder's pid; undefined while it is not known. */
  ownerOf(inode: number): number | undefined {
    return this.#pidByInode.get(inode);
  }

  /**
   * Begin a scan: what is gone is forgotten.
   *
   * @param sizeOf How many descriptors a process has: of equals, who has most is looked at first.
   * @returns The processes to look at, in this order, for as long as `missing` is above 0.
   */
  begin(
    inodes: ReadonlySet<number>,
    pids: readonly number[],
    sizeOf: (pid: number) => number = () => 0,
  ): number[] {
    this.#scan += 1;
    const alive = new Set(pids);
    for (const pid of this.#visited.keys()) if (!alive.has(pid)) this.#visited.delete(pid);
    for (const [inode, pid] of this.#pidByInode) {
      if (inodes.has(inode) && alive.has(pid)) continue;
      this.#pidByInode.delete(inode);
      this.#version += 1;
    }
    for (const [inode, until] of this.#orphans) {
      if (until <= this.#scan || !inodes.has(inode)) this.#orphans.delete(inode);
    }
    this.#wanted = new Set();
    for (const inode of inodes) {
      if (!this.#pidByInode.has(inode) && !this.#orphans.has(inode)) this.#wanted.add(inode);
    }
    return this.#wanted.size === 0 ? [] : this.#order(pids, sizeOf);
  }

  /** The descriptors of a process that need no second look: they are what they were. */
  known(pid: number): ReadonlySet<number> {
    const visited = this.#visited.get(pid);
    if (visited === undefined) return NOTHING;
    const known = new Set(visited.visits % RECHECK_VISITS === 0 ? [] : visited.others);
    for (const [descriptor, inode] of visited.sockets) {
      if (this.#pidByInode.get(inode) === pid) known.add(descriptor);
    }
    return known;
  }

  /** Keep what a look found; `open` are all descriptors of the process, `look` the new ones. */
  learn(pid: number, open: ReadonlySet<number>, look: DescriptorLook): void {
    const before = this.#visited.get(pid);
    const sockets = new Map(look.sockets);
    const others = new Set(look.others);
    for (const descriptor of open) {
      if (sockets.has(descriptor) || others.has(descriptor)) continue;
      const inode = before?.sockets.get(descriptor);
      if (inode !== undefined) sockets.set(descriptor, inode);
      else if (before?.others.has(descriptor)) others.add(descriptor);
    }
    const visits = (before?.visits ?? 0) + 1;
    this.#visited.set(pid, { sockets, others, visits, scan: this.#scan });
    for (const inode of look.sockets.values()) {
      if (!this.#wanted.delete(inode)) continue;
      this.#pidByInode.set(inode, pid);
      this.#version += 1;
    }
  }

  /** End a scan in which every process was looked at: who is still wanted has no holder here. */
  finish(): void {
    for (const inode of this.#wanted) this.#orphans.set(inode, this.#scan + ORPHAN_SCANS);
    this.#wanted = new Set();
  }

  #order(pids: readonly number[], sizeOf: (pid: number) => number): number[] {
    const waits = pids.map((pid) => {
      const visited = this.#visited.get(pid);
      const size = sizeOf(pid);
      if (visited === undefined) return { pid, size, wait: Number.POSITIVE_INFINITY };
      const weight = visited.sockets.size > 0 ? HOLDER_WEIGHT : 1;
      return { pid, size, wait: (this.#scan - visited.scan) * weight };
    });
    // Of equals the younger process first: it is more likely to have opened something.
    return waits
      .sort((a, b) => compare(b.wait, a.wait) || b.size - a.size || b.pid - a.pid)
      .map(({ pid }) => pid);
  }
}

/** Differences of infinities are no numbers. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
