import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { FairleadError } from "../../base/mod.ts";

/** Which page, and where it is. */
export interface PageOptions {
  /** Folder of the built page. */
  readonly folder: string;
  /** Which one, and the path that it stands under: `console` for `/console/`. */
  readonly mount: "console" | "monitor";
  /** Attributes that stand empty in the page, and what they hold here. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Answers what is under the page's path and `/`, and 404 everywhere else. */
export type PageHandler = (request: Request) => Promise<Response>;

type Bytes = Uint8Array<ArrayBuffer>;

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly isImmutable: boolean;
  readonly plain: Bytes;
  readonly gzip: Bytes;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** Scripts and styles of our own alone, nobody may frame the page, and it talks to its server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Read a built page and make a handler of it: `/` and its path lead to the page; what it loads is
 * beside it. GET and HEAD, gzip, ETags. Every address in it is relative, so that it may be mounted.
 *
 * @throws {FairleadError} `console_not_built` or `monitor_not_built` when the folder has no page.
 */
export async function pageHandler(options: PageOptions): Promise<PageHandler> {
  const assets = await readAssets(options);
  const root = `/${options.mount}/`;
  return async (request) => {
    const { pathname } = new URL(request.url);
    const isOurs = pathname === "/" || `${pathname}/` === root || pathname.startsWith(root);
    if (!isOurs) return nothing();
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    }
    if (!pathname.startsWith(root)) {
      return new Response(null, { status: 302, headers: { location: root.slice(1) } });
    }
    const asset = assets.get(pathname.slice(root.length) || "index.html");
    return asset === undefined ? nothing() : answer(request, asset);
  };
}

function nothing(): Response {
  return new Response("There is nothing here\n", { status: 404, headers: HEADERS });
}

/** A folder of this package's `dist`, from the sources and from the build alike. */
export function builtFolder(name: string): string {
  const manifest = createRequire(import.meta.url).resolve("fairlead/package.json");
  return join(dirname(manifest), "dist", name);
}

async function readAssets(options: PageOptions): Promise<ReadonlyMap<string, Asset>> {
  const { folder } = options;
  const assets = new Map<string, Asset>();
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw notBuilt(options, cause);
  }
  for (const name of names) {
    const type = TYPES[name.split(".").at(-1) ?? ""];
    if (type === undefined) continue;
    const path = join(folder, name);
    const bytes = await readFile(path);
    const filled = name === "index.html" ? fill(bytes.toString(), options) : bytes;
    assets.set(name, await assetOf(path, type, Uint8Array.from(filled)));
  }
  if (!assets.has("index.html")) throw notBuilt(options);
  return assets;
}

function notBuilt({ folder, mount }: PageOptions, cause?: unknown): FairleadError {
  return new FairleadError(
    mount === "console" ? "console_not_built" : "monitor_not_built",
    `Cannot serve the ${mount}: ${folder} has no index.html (npm run build makes it)`,
    { cause, details: { folder } },
  );
}

/** The page with what is known of the place that it is served at. */
function fill(page: string, { attributes = {} }: PageOptions): Buffer {
  let filled = page;
  for (const [name, value] of Object.entries(attributes)) {
    const text = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    filled = filled.replace(`${name}=""`, () => `${name}="${text}"`);
  }
  return Buffer.from(filled);
}

async function assetOf(path: string, type: string, plain: Bytes): Promise<Asset> {
  const digest = await crypto.subtle.digest("SHA-256", plain);
  const tag = [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  return {
    type,
    etag: `"${tag.join("")}"`,
    isImmutable: /-([0-9a-f]{10}|[0-9A-Z]{8})\.[a-z]+$/.test(path),
    plain,
    gzip: Uint8Array.from(await promisify(gzip)(plain)),
  };
}

function answer(request: Request, asset: Asset): Response {
  const headers = new Headers(HEADERS);
  headers.set("content-type", asset.type);
  headers.set("etag", asset.etag);
  headers.set("vary", "accept-encoding");
  headers.set(
    "cache-control",
    asset.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  );
  const known = request.headers.get("if-none-match") ?? "";
  if (known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const accepted = request.headers.get("accept-encoding") ?? "";
  const encoding = /\bgzip\b/.test(accepted) ? "gzip" : "plain";
  const body = asset[encoding];
  if (encoding !== "plain") headers.set("content-encoding", encoding);
  headers.set("content-length", String(body.length));
  return new Response(request.method === "HEAD" ? null : body, { status: 200, headers });
}
