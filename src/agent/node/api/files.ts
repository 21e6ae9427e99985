/** Sandboxes by path: what the API and the master's questions may look at. */
import { FairleadError } from "../../../base/mod.ts";
import type { AgentResponse, FileInfo, OfType } from "../../../model/mod.ts";
import { Resources } from "../../../resources/mod.ts";
import type { AgentView } from "../../core/core.ts";
import { volumesOf } from "../../core/operations.ts";
import { runsFolder, sandboxFolder, volumeFolder } from "../../core/paths.ts";
import { type FileRefusal, type FileScope, listFiles, readPiece } from "../containers/mod.ts";

/** A folder or file of a sandbox. */
interface Place {
  readonly scope: FileScope;
  /** Inside the sandbox. */
  readonly path: string;
  /** What stands before it in the paths that are told. */
  readonly prefix: string;
}

/** How many parts name a sandbox: agents/A/frameworks/F/executors/E/runs/C. */
const REAL_PARTS = 8;
const VIRTUAL_PARTS = 6;

/** Looks into the sandboxes of an agent, and nowhere else. */
export class SandboxFiles {
  readonly #workDir: string;
  readonly #state: AgentView;

  constructor(workDir: string, state: AgentView) {
    this.#workDir = workDir;
    this.#state = state;
  }

  /**
   * List a folder.
   *
   * @param path "/frameworks/F/executors/E/runs/C" (C may be "latest") and on, or the same as a
   * path of the machine below the work folder.
   * @throws {FairleadError} `not_found` or `forbidden`.
   */
  async list(path: string): Promise<FileInfo[]> {
    const place = this.#place(path);
    const listing = await listFiles(place.scope, place.path);
    if (listing.status !== "ok") throw refused(listing, path);
    return listing.files.map((file) => ({
      ...file,
      mtime: { nanoseconds: file.mtime.nanoseconds },
      path: join(place.prefix, file.path),
    }));
  }

  /**
   * Read a piece of a file.
   *
   * @throws {FairleadError} `not_found` or `forbidden`.
   */
  async read(
    path: string,
    range: { readonly offset: number; readonly length?: number | undefined },
  ): Promise<OfType<AgentResponse, "READ_FILE">["read_file"]> {
    const place = this.#place(path);
    const { offset, length } = range;
    const piece = await readPiece(place.scope, place.path, {
      offset,
      ...(length === undefined ? {} : { length }),
    });
    if (piece.status !== "ok") throw refused(piece, path);
    return { size: piece.size, data: Buffer.from(piece.data).toString("base64") };
  }

  /** @throws {FairleadError} `not_found` when it is in no sandbox, `forbidden` for "..". */
  #place(path: string): Place {
    const real = path.startsWith(`${this.#workDir}/`);
    const parts = (real ? path.slice(this.#workDir.length) : path)
      .split("/")
      .filter((part) => part !== "");
    if (parts.some((part) => part === ".." || part === "." || part.includes("\0"))) {
      throw refused({ status: "forbidden", message: "it has .. in it" }, path);
    }
    const place = real ? this.#realPlace(parts) : this.#virtualPlace(parts);
    if (place === undefined) {
      throw refused({ status: "not_found", message: "it is in no sandbox" }, path);
    }
    return place;
  }

  #realPlace(parts: readonly string[]): Place | undefined {
    const [agents, , frameworks, frameworkId = "", executors, executorId = "", runs] = parts;
    if (agents !== "agents" || frameworks !== "frameworks" || executors !== "executors") {
      return undefined;
    }
    if (runs !== "runs" || parts.length < REAL_PARTS) return undefined;
    const root = `${this.#workDir}/${parts.slice(0, REAL_PARTS).join("/")}`;
    return {
      scope: { root, others: this.#volumes(frameworkId, executorId) },
      path: parts.slice(REAL_PARTS).join("/"),
      prefix: root,
    };
  }

  #virtualPlace(parts: readonly string[]): Place | undefined {
    const [frameworks, frameworkId = "", executors, executorId = "", runs, container = ""] = parts;
    if (frameworks !== "frameworks" || executors !== "executors" || runs !== "runs") {
      return undefined;
    }
    if (parts.length < VIRTUAL_PARTS) return undefined;
    const ids = { agentId: this.#state.agentId ?? "", frameworkId, executorId };
    const root =
      container === "latest"
        ? `${runsFolder(this.#workDir, ids)}/latest`
        : sandboxFolder(this.#workDir, { ...ids, container });
    return {
      scope: { root, others: this.#volumes(frameworkId, executorId) },
      path: parts.slice(VIRTUAL_PARTS).join("/"),
      prefix: `/${parts.slice(0, VIRTUAL_PARTS).join("/")}`,
    };
  }

  /** The persistent volumes of what runs there: its sandbox has links to them. */
  #volumes(frameworkId: string, executorId: string): string[] {
    const executor = this.#state.frameworks.get(frameworkId)?.executors.get(executorId);
    const folders: string[] = [];
    for (const { info } of executor?.tasks.values() ?? []) {
      const disks = (info.resources ?? []).filter(({ disk }) => disk?.persistence !== undefined);
      for (const volume of volumesOf(Resources.fromJson(disks)).values()) {
        folders.push(volumeFolder(this.#workDir, volume));
      }
    }
    return folders;
  }
}

function join(prefix: string, path: string): string {
  return `${prefix}/${path.replace(/^\/+/, "")}`;
}

function refused({ status, message }: FileRefusal, path: string): FairleadError {
  return new FairleadError(
    status === "forbidden" ? "forbidden" : "not_found",
    `Cannot show ${path}: ${message}`,
    { details: { path, status } },
  );
}
