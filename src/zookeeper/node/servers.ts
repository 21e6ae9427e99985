/** The servers of an ensemble, as a client walks over them. */
import { systemRandom } from "../../base/mod.ts";
import type { ServerAddress } from "./options.ts";

/** `host:port`; an address of IPv6 in brackets. */
export function nameOf({ host, port }: ServerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** So that not every client goes to the first. */
export function shuffled(servers: readonly ServerAddress[]): { host: string; port: number }[] {
  const list = servers.map((server) => ({ ...server }));
  systemRandom.shuffle(list);
  return list;
}
