/**
 * HTTP and WebSockets on Node (and on Deno and Bun, by their Node APIs): serves handlers, opens
 * WebSockets, checks JSON web tokens.
 *
 * @example
 * ```ts
 * import { compose, Drain, json } from "fairlead/http";
 * import { connectWebSocket, serve } from "fairlead/http/node";
 *
 * const drain = new Drain();
 * await using server = await serve({
 *   handler: compose([], () => json(200, { healthy: true })),
 *   drain,
 *   webSocket: {
 *     upgrade: () => ({
 *       protocol: "echo",
 *       accept: (socket) => socket.onMessage((message) => socket.send(message)),
 *     }),
 *   },
 * });
 *
 * const response = await fetch(server.url);
 * console.assert((await response.text()) === '{"healthy":true}');
 *
 * const socket = await connectWebSocket(server.url.replace("http", "ws"), { protocols: ["echo"] });
 * socket.send("hello");
 * const answer = await new Promise((resolve) => socket.onMessage(resolve));
 * console.assert(answer === "hello");
 * ```
 *
 * @module
 */
export { type ClientTls, type ConnectOptions, connectWebSocket } from "./connect.ts";
export { type JwtOptions, jwtVerifier } from "./jwt.ts";
export {
  type ServeOptions,
  type ServerTls,
  type Serving,
  serve,
  type WebSocketOptions,
} from "./serve.ts";
