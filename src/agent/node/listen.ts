/** The agent's API on a port. */
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { asyncDispose, FairleadError } from "../../base/mod.ts";

/** A server that listens. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

const HEADERS_MS = 20_000;
/** How long open answers may take to end by themselves. */
const CLOSE_MS = 1_000;

/**
 * Serve a handler.
 *
 * @throws {FairleadError} `address_in_use` when somebody else listens there; `listen_failed`.
 */
export async function listen(options: {
  readonly handler: (request: Request) => Promise<Response>;
  readonly hostname: string;
  readonly port: number;
}): Promise<Listening> {
  const { handler, hostname, port } = options;
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: 0, noDelay: true },
    getRequestListener(handler, { overrideGlobalObjects: false }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenFailed(error, hostname, port)));
    server.listen({ host: hostname, port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    [asyncDispose]: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}

function listenFailed(error: Error, hostname: string, port: number): FairleadError {
  const code = "code" in error ? error.code : undefined;
  const taken = code === "EADDRINUSE";
  return new FairleadError(
    taken ? "address_in_use" : "listen_failed",
    `Cannot listen on ${hostname}:${port}: ${taken ? "somebody else does" : error.message}`,
    { cause: error, details: { hostname, port } },
  );
}
