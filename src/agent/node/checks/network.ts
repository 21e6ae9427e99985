/** The two ways to knock at a port. */
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";

const REDIRECTS_MAX = 5;

/**
 * Send a GET and give the status of the answer; redirects are followed, certificates are not
 * looked at: a health check asks whether the task answers, not who it is.
 *
 * @throws the system's error; the signal's reason when it is aborted.
 */
export async function requestStatus(url: URL, signal: AbortSignal): Promise<number> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const { statusCode = 0, headers } = await get(at, signal);
    const { location } = headers;
    const redirected = statusCode >= 300 && statusCode < 400 && location !== undefined;
    if (!redirected || redirects === REDIRECTS_MAX) return statusCode;
    const next = URL.canParse(location, at) ? new URL(location, at) : undefined;
    if (next === undefined || !["http:", "https:"].includes(next.protocol)) return statusCode;
    at = next;
  }
}

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        agent: false,
        signal,
        rejectUnauthorized: false,
        headers: { accept: "*/*", "user-agent": "fairlead-check" },
      },
      (answer) => {
        // The status is all that counts.
        answer.on("error", () => undefined);
        answer.destroy();
        resolve(answer);
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * Open a TCP connection and close it.
 *
 * @throws the system's error; the signal's reason when it is aborted.
 */
export function connectTo(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      act();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(resolve));
    socket.once("error", (error) => settle(() => reject(error)));
  });
}
