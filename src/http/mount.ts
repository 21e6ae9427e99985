import { FairleadError } from "../base/mod.ts";
import { moveFacts } from "./facts.ts";
import type { Handler } from "./handler.ts";
import type { UpgradeHandler } from "./socket.ts";

/** Something that answers below a path of another server, and knows nothing of that path. */
export interface Mount {
  /** `/topology`: it is asked for `/topology/…`, and sees `/…`. */
  readonly path: string;
  readonly handler: Handler;
  /** Its WebSockets. By default it has none. */
  readonly upgrade?: UpgradeHandler;
}

/** What {@linkcode withMounts} serves. */
export interface Mounted {
  readonly handler: Handler;
  readonly upgrade: UpgradeHandler;
}

const PATH = /^(\/[a-z0-9_-]+)+$/;

/**
 * Let others answer below paths of their own, and `rest` what is left.
 *
 * The path alone leads to the path with a slash, so that relative addresses of its pages hold.
 *
 * @throws {FairleadError} `invalid_option` when a path is none or stands twice.
 */
export function withMounts(mounts: readonly Mount[], rest: Mounted): Mounted {
  const seen = new Set<string>();
  for (const { path } of mounts) {
    if (!PATH.test(path) || seen.has(path)) throw wrongPath(path);
    seen.add(path);
  }
  if (mounts.length === 0) return rest;
  return {
    handler: (request) => {
      const url = new URL(request.url);
      const mount = mounts.find(({ path }) => isBelow(url.pathname, path));
      if (mount === undefined) return rest.handler(request);
      if (url.pathname === mount.path) return toFolder(url);
      return mount.handler(below(request, url, mount));
    },
    upgrade: (request) => {
      const url = new URL(request.url);
      const mount = mounts.find(({ path }) => isBelow(url.pathname, path));
      if (mount === undefined) return rest.upgrade(request);
      if (mount.upgrade === undefined) return new Response(null, { status: 404 });
      return mount.upgrade(below(request, url, mount));
    },
  };
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}

function toFolder({ pathname, search }: URL): Response {
  const location = `${pathname.slice(pathname.lastIndexOf("/") + 1)}/${search}`;
  return new Response(null, { status: 302, headers: { location } });
}

/** The same request as the one below the path sees it. */
function below(request: Request, url: URL, { path }: Mount): Request {
  const inner = new URL(url);
  inner.pathname = url.pathname.slice(path.length) || "/";
  const moved = new Request(inner, request);
  moveFacts(request, moved);
  return moved;
}

function wrongPath(path: string): FairleadError {
  return new FairleadError(
    "invalid_option",
    `Cannot mount at path "${path}": it has to be like "/topology", and stand once`,
    { details: { option: "path", path } },
  );
}
