/** How this master stands to the cluster, and what that means for whoever asks it something. */
import { text } from "../../http/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import type { Driver } from "./driver.ts";

/** What this master is at the moment. */
export type Role =
  /** Nobody is known to lead. */
  | { readonly status: "waiting" }
  /** Another master leads. */
  | { readonly status: "following"; readonly leader: MasterInfo }
  /** Elected; the registry is being read. */
  | { readonly status: "recovering"; readonly leader: MasterInfo }
  /** This one: `leader` is itself. */
  | {
      readonly status: "leading";
      readonly leader: MasterInfo;
      readonly driver: Driver;
      readonly electedMs: number;
    }
  | { readonly status: "stopped" };

/** Where a master is reached: "host:port". */
export function addressOf({
  address,
  hostname,
  port,
}: Pick<MasterInfo, "address" | "hostname" | "port">): string {
  const host = address?.hostname ?? hostname ?? address?.ip ?? "localhost";
  return `${host.includes(":") ? `[${host}]` : host}:${address?.port ?? port}`;
}

/** The leader's driver; or what to answer when this master does not lead: 307 or 503. */
export function leading(role: Role, request: Request): Driver | Response {
  if (role.status === "leading") return role.driver;
  if (role.status === "following") return redirect(role.leader, request);
  const message =
    role.status === "recovering" ? "Master has not finished recovery" : "No leader elected";
  return text(503, message, { headers: { "retry-after": "1" } });
}

/** To the same path of the leader; the scheme stays the caller's, as Mesos has it. */
export function redirect(leader: MasterInfo, request: Request): Response {
  const { pathname, search } = new URL(request.url);
  return text(307, "", { headers: { location: `//${addressOf(leader)}${pathname}${search}` } });
}
