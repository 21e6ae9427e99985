/** A router of `examples/router` as a fence, and as the hand that sends clients over. */
import { FairleadError } from "fairlead/base";
import type { Fence, Hooks } from "fairlead/migration";
import { type MigrateConfig, secretOf } from "./config.ts";

type RouterConfig = NonNullable<MigrateConfig["router"]>;

/** Shuts the router before the seal, and opens it again when the cutover is undone. */
export function routerFence(router: RouterConfig): Fence {
  return {
    name: "router",
    close: (signal) => say(router, "shut", undefined, signal),
    open: (signal) => say(router, "open", undefined, signal),
  };
}

/** The operator's hooks, with the router's turn behind them. */
export function withRouter(hooks: Hooks, { router, source, target }: MigrateConfig): Hooks {
  if (router === undefined) return hooks;
  const route = async (to: string, signal: AbortSignal) => say(router, "route", { to }, signal);
  return {
    ...hooks,
    openTarget: async (signal) => {
      await hooks.openTarget?.(signal);
      await route(target.connectString, signal);
    },
    openSource: async (signal) => {
      await hooks.openSource?.(signal);
      await route(source.connectString, signal);
    },
  };
}

async function say(
  { url, token }: RouterConfig,
  act: "shut" | "open" | "route",
  body: object | undefined,
  signal: AbortSignal,
): Promise<void> {
  const answer = await fetch(new URL(act, url), {
    method: "POST",
    signal,
    headers: {
      authorization: `Bearer ${secretOf(token, "router.token")}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new FairleadError("router_failed", `Cannot tell the router at ${url}: ${act}`, { cause });
  });
  if (answer.ok) return;
  const message = `Cannot tell the router at ${url} "${act}": ${answer.status} ${await answer.text()}`;
  throw new FairleadError("router_failed", message, { details: { status: answer.status } });
}
