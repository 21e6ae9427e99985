/** An API server of Kubernetes, as far as listing and watching goes. */
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";

interface Meta {
  readonly uid: string;
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly uid: string; readonly controller: boolean }[];
}

/** An object, with what is not of its metadata as it is. */
export interface KubeThing {
  readonly metadata: Meta;
  readonly [field: string]: unknown;
}

interface Tls {
  readonly key: string;
  readonly cert: string;
}

/** Serves by path; what it does wrong stands in its fields. */
export class KubeServer {
  readonly things = new Map<string, KubeThing[]>();
  readonly asked: {
    readonly path: string;
    readonly query: URLSearchParams;
    readonly token: string;
  }[] = [];
  token = "";
  pageMax = 500;
  /** Versions below are gone. */
  oldest = 0;
  version = 1;
  url = "";
  #said = Promise.resolve();
  readonly #watching = new Map<string, Set<ServerResponse>>();
  readonly #scheme: "http" | "https";
  readonly #server;

  constructor(tls?: Tls) {
    const handle: RequestListener = (request, response) => this.#answer(request, response);
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    this.url = `${this.#scheme}://127.0.0.1:${port}`;
    return this;
  }

  put(path: string, ...things: readonly KubeThing[]): void {
    this.things.set(path, [...things]);
  }

  /** How many watches of a path are open. */
  watches(path: string): number {
    return this.#watching.get(path)?.size ?? 0;
  }

  /** Change something and tell those who watch. */
  emit(path: string, type: string, thing: KubeThing): void {
    this.version += 1;
    const rest = (this.things.get(path) ?? []).filter(
      ({ metadata }) => metadata.uid !== thing.metadata.uid,
    );
    this.things.set(path, type === "DELETED" ? rest : [...rest, thing]);
    this.say(path, { type, object: this.#versioned(thing) });
  }

  /** Write a line to those who watch, in two pieces. */
  say(path: string, line: unknown): void {
    const text = `${JSON.stringify(line)}\n`;
    const write = (piece: string) => {
      for (const response of this.#watching.get(path) ?? []) response.write(piece);
    };
    this.#said = this.#said.then(async () => {
      write(text.slice(0, 7));
      await new Promise((done) => setTimeout(done, 5));
      write(text.slice(7));
    });
  }

  /** Break or end all watches of a path. */
  drop(path: string, how: "break" | "end" = "break"): void {
    for (const response of this.#watching.get(path) ?? []) {
      if (how === "break") response.destroy();
      else response.end();
    }
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://x");
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    this.asked.push({ path, query, token });
    if (token !== this.token) response.writeHead(401).end();
    else if (query.get("watch") === "true") this.#watch(path, query, response);
    else this.#list(path, query, response);
  }

  #list(path: string, query: URLSearchParams, response: ServerResponse): void {
    const all = this.things.get(path) ?? [];
    const from = Number(query.get("continue") ?? 0);
    const to = from + this.pageMax;
    const more = to < all.length ? { continue: String(to) } : {};
    const metadata = { resourceVersion: String(this.version), ...more };
    response.end(JSON.stringify({ kind: "List", metadata, items: all.slice(from, to) }));
  }

  #watch(path: string, query: URLSearchParams, response: ServerResponse): void {
    if (Number(query.get("resourceVersion")) < this.oldest) {
      response.writeHead(410).end();
      return;
    }
    response.writeHead(200).flushHeaders();
    const all = this.#watching.get(path) ?? new Set();
    this.#watching.set(path, all.add(response));
    response.on("close", () => all.delete(response));
  }

  #versioned(thing: KubeThing) {
    return { ...thing, metadata: { ...thing.metadata, resourceVersion: String(this.version) } };
  }
}
