/**
 * Which cgroup hierarchies this host has, and in which of them an agent may make cgroups of its
 * own: v1 controllers, v2, or both side by side (controllers in v1, an empty v2 tree).
 */
import { constants } from "node:fs";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** What a controller is used for here. */
export type Controller = "cpu" | "cpuacct" | "memory" | "pids" | "freezer";

const CONTROLLERS: readonly Controller[] = ["cpu", "cpuacct", "memory", "pids", "freezer"];

/** A folder in which cgroups of containers are made. */
export interface CgroupBase {
  readonly version: 1 | 2;
  readonly path: string;
  /** The same, from the hierarchy's mount on: "/fairlead". */
  readonly inside: string;
}

/** Where each controller's cgroups are made; without an entry: nowhere. */
export interface CgroupLayout {
  readonly controllers: ReadonlyMap<Controller, CgroupBase>;
  /** The v2 tree, with or without controllers: it tracks processes and kills them at once. */
  readonly unified?: CgroupBase;
  /** Where hierarchies are mounted, also those that are not used here. */
  readonly mounts: readonly string[];
}

/** Options of {@linkcode probeCgroups}. */
export interface CgroupProbe {
  /**
   * The folder under each hierarchy's root, or under the agent's own cgroup where the root is not
   * writable.
   *
   * @default "fairlead"
   */
  readonly name?: string;
  /** @default "/proc/self/mountinfo" */
  readonly mountinfo?: string;
  /** @default "/proc/self/cgroup" */
  readonly membership?: string;
}

interface Mount {
  readonly version: 1 | 2;
  readonly path: string;
  /** The folder of the hierarchy that is mounted there. */
  readonly root: string;
  /** Of v1; v2 says what it has in a file. */
  readonly controllers: readonly string[];
}

/** Look at the host; makes the folders that it finds it may make. Empty where it may do nothing. */
export async function probeCgroups(options: CgroupProbe = {}): Promise<CgroupLayout> {
  const { name = "fairlead" } = options;
  const mounts = parseMounts(await readText(options.mountinfo ?? "/proc/self/mountinfo"));
  const membership = parseMembership(await readText(options.membership ?? "/proc/self/cgroup"));
  const controllers = new Map<Controller, CgroupBase>();
  let unified: CgroupBase | undefined;
  for (const mount of mounts) {
    const own = membership.get(mount.version === 2 ? "" : (mount.controllers[0] ?? "")) ?? "/";
    const base = await claim(mount, own, name);
    if (base === undefined) continue;
    if (mount.version === 2) unified = base;
    const has = mount.version === 2 ? await enable(mount, base) : mount.controllers;
    for (const controller of CONTROLLERS) {
      if (has.includes(controller) && !controllers.has(controller))
        controllers.set(controller, base);
    }
    // Version 2 accounts processor time wherever there is a cgroup.
    if (mount.version === 2 && !controllers.has("cpuacct")) controllers.set("cpuacct", base);
  }
  return {
    controllers,
    mounts: mounts.map(({ path }) => path),
    ...(unified === undefined ? {} : { unified }),
  };
}

/** Lines of mountinfo(5) that are cgroups: v1 first, in their order. */
function parseMounts(text: string): Mount[] {
  const mounts = text.split("\n").flatMap((line): Mount[] => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", path = ""] = left.split(" ").map(unescaped);
    const [type, , options = ""] = right.split(" ");
    if (type === "cgroup2") return [{ version: 2, path, root, controllers: [] }];
    if (type !== "cgroup") return [];
    return [{ version: 1, path, root, controllers: options.split(",") }];
  });
  return mounts.sort((a, b) => a.version - b.version);
}

/** mountinfo writes blanks as `\040`. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The agent's own cgroup by controller; v2's key is "". */
function parseMembership(text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    for (const name of names.split(",")) own.set(name, path);
  }
  return own;
}

/** Make the folder at the root, or else under the agent's own cgroup. */
async function claim(mount: Mount, own: string, name: string): Promise<CgroupBase | undefined> {
  const below = relative(mount.root, own);
  const candidates = [join(mount.path, name)];
  if (!below.startsWith("..")) candidates.push(join(mount.path, below, name));
  for (const path of candidates) {
    try {
      await mkdir(path, { recursive: true });
      await access(path, constants.W_OK);
      return { version: mount.version, path, inside: `/${relative(mount.path, path)}` };
    } catch {
      // Not ours to use: the next one, or none.
    }
  }
  return undefined;
}

/** Hand v2 controllers down to the cgroups of containers; gives those that got there. */
async function enable(mount: Mount, base: CgroupBase): Promise<string[]> {
  const folders = [base.path];
  for (let at = join(base.path, ".."); at.startsWith(mount.path); at = join(at, "..")) {
    folders.unshift(at);
  }
  for (const folder of folders) {
    const offered = words(await readText(join(folder, "cgroup.controllers")));
    for (const controller of CONTROLLERS.filter((each) => offered.includes(each))) {
      // One at a time: one that is refused (EBUSY, EACCES) does not take the others with it.
      await writeFile(join(folder, "cgroup.subtree_control"), `+${controller}`).catch(
        () => undefined,
      );
    }
  }
  return words(await readText(join(base.path, "cgroup.subtree_control")));
}

function words(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => word.replace(/^\+/, ""));
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
