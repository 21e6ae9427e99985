import { type IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Handler, problemOf, setBodySource, setPeer, statusOf } from "../mod.ts";
import { bodySourceOf } from "./body_source.ts";
import { pumpEventStream } from "./sink.ts";

/** Options of {@linkcode listenerOf}. */
export interface ListenerOptions {
  readonly handler: Handler;
  readonly lightObjects: boolean;
  /** Told of what a handler throws that no client could help. */
  readonly onError: (error: unknown) => void;
}

/** A handler as a listener of Node's HTTP servers. */
export function listenerOf(options: ListenerOptions): RequestListener {
  const { handler, lightObjects, onError } = options;
  const answer = (request: Request, incoming: IncomingMessage, outgoing: ServerResponse) => {
    const peer = incoming.socket.remoteAddress;
    if (peer !== undefined) setPeer(request, peer);
    setBodySource(request, bodySourceOf(incoming));
    const response = handler(request);
    return response instanceof Promise
      ? response.then((settled) => send(settled, outgoing))
      : send(response, outgoing);
  };
  const listener = getRequestListener(
    (request, { outgoing }) =>
      // There is no HTTP/2 here, although the library knows it.
      outgoing instanceof ServerResponse
        ? answer(request, outgoing.req, outgoing)
        : new Response(null, { status: 505 }),
    {
      overrideGlobalObjects: lightObjects,
      errorHandler: (error) => {
        if (isBadRequest(error)) return new Response(null, { status: 400 });
        if (statusOf(error) >= 500) onError(error);
        return problemOf(error);
      },
    },
  );
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // It answers what goes wrong by itself.
    void listener(incoming, outgoing);
  };
}

function send(response: Response, outgoing: ServerResponse): Response {
  return pumpEventStream(response, outgoing) ? RESPONSE_ALREADY_SENT : response;
}

/** A request whose address or Host header is none. */
function isBadRequest(error: unknown): boolean {
  return error instanceof Error && error.name === "RequestError";
}
