/** Where masters are. */
import { FairleadError } from "../base/mod.ts";

/** The scheduler API, on every Mesos master. */
const PATH = "/api/v1/scheduler";

/** A handler in the shape of `fetch`: a master in this process, or a way there of the caller's. */
export type FetchLike = (request: Request) => Promise<Response> | Response;

/** `fetch` in the form in which it is used here: the platform's, or one of the same shape. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response> | Response;

/** Finds the master that leads: by ZooKeeper, a store, DNS, whatever knows. */
export interface MasterDetector {
  /**
   * The leader's address, waiting until there is one.
   *
   * It is asked before each attempt to subscribe.
   */
  leader(options: { readonly signal: AbortSignal }): Promise<string>;
  /** Resolves when another than this one leads: it ends the pause before the next attempt. */
  changed?(address: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Where to find a master. */
export type MasterOption = string | readonly string[] | FetchLike | MasterDetector;

/** The URL of the scheduler API at an address; `host:port` is read as http.
 *
 * @throws {FairleadError} `invalid_option` for what is no http address.
 */
export function schedulerUrl(address: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw wrongAddress(address, "it must be a host with a port, or an http(s) URL", cause);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const hint = url.protocol === "zk:" ? "; for ZooKeeper, hand in a detector" : "";
    throw wrongAddress(address, `it must be http or https${hint}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw wrongAddress(`${url.protocol}//…@${url.host}`, "secrets belong into `credentials`");
  }
  if (url.pathname === "/" || url.pathname === "") url.pathname = PATH;
  url.hash = "";
  return url.href;
}

function wrongAddress(address: string, fault: string, cause?: unknown): FairleadError {
  return new FairleadError("invalid_option", `Cannot use master = "${address}": ${fault}`, {
    cause,
    details: { field: "master", value: address },
  });
}
