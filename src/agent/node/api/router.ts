/** Every endpoint of an agent. */
import {
  type Authenticator,
  authenticated,
  compose,
  errorAnswers,
  type Handler,
  type HttpLogger,
  json,
  principalOf,
  text,
  textOf,
} from "../../../http/mod.ts";
import type { AgentView } from "../../core/core.ts";
import type { AuthorizeCall } from "../options.ts";
import type { ExecutorApi } from "./executor_api.ts";
import type { SandboxFiles } from "./files.ts";
import { type LegacyFacts, legacyContainers, legacyFiles, legacyState } from "./legacy.ts";
import { PROMETHEUS_TYPE, prometheusOf } from "./metrics.ts";
import type { OperatorApi } from "./operator_api.ts";

/** What the endpoints stand on. */
export interface RouterOptions {
  readonly state: AgentView;
  readonly executors: ExecutorApi;
  readonly operators: OperatorApi;
  readonly files: SandboxFiles;
  readonly metrics: () => Record<string, number>;
  readonly facts: () => LegacyFacts;
  readonly authenticator: Authenticator | undefined;
  readonly authorize: AuthorizeCall;
  readonly logger: HttpLogger;
}

/** The agent's API as one handler. */
export function agentHandler(options: RouterOptions): Handler {
  const { authenticator, executors, operators, logger } = options;
  const known = compose(
    authenticator === undefined ? [] : [authenticated(authenticator)],
    (request) => answer(options, request),
  );
  const operate = compose(
    authenticator === undefined ? [] : [authenticated(authenticator)],
    (request) => operators.handle(request),
  );
  return compose([errorAnswers({ logger, answer: textOf })], (request) => {
    const { pathname } = new URL(request.url);
    // Executors bring tokens of their own; a health check brings nothing.
    if (pathname === "/api/v1/executor") return executors.handle(request);
    if (pathname === "/health" || pathname === "/slave(1)/health") {
      return new Response(null, { status: 200 });
    }
    if (pathname === "/api/v1") return operate(request);
    return known(request);
  });
}

function answer(options: RouterOptions, request: Request): Response | Promise<Response> {
  const url = new URL(request.url);
  // Tools of old put the name of the actor in front.
  url.pathname = url.pathname.replace(/^\/slave\(1\)(?=\/)/, "");
  const read = READS.get(url.pathname);
  if (read === undefined) return text(404, `Not found: ${url.pathname}`);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return text(405, "Expecting one of { 'GET' }", { headers: { allow: "GET" } });
  }
  const principal = principalOf(request);
  if (!options.authorize(principal, read.action)) {
    return text(403, `${principal ?? "Nobody"} may not look at ${url.pathname}`);
  }
  return read.answer(options, url);
}

interface Read {
  /** The call of the v1 API that tells the same. */
  readonly action: string;
  readonly answer: (options: RouterOptions, url: URL) => Response | Promise<Response>;
}

const state: Read = {
  action: "GET_STATE",
  answer: (options) => json(200, legacyState(options.state, options.facts())),
};
const containers: Read = {
  action: "GET_CONTAINERS",
  answer: async ({ operators }) => json(200, legacyContainers(await operators.containers())),
};
const files: Read = {
  action: "READ_FILE",
  answer: (options, url) => legacyFiles(url, options.files),
};
const READS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["/state", state],
  ["/state.json", state],
  ["/containers", containers],
  ["/monitor/statistics", containers],
  ["/monitor/statistics.json", containers],
  ["/files/browse", files],
  ["/files/read", files],
  ["/files/download", files],
  [
    "/flags",
    {
      action: "GET_FLAGS",
      answer: (options) => json(200, { flags: options.facts().flags }),
    },
  ],
  [
    "/version",
    {
      action: "GET_VERSION",
      answer: (options) => json(200, { version: options.facts().version }),
    },
  ],
  ["/metrics/snapshot", { action: "GET_METRICS", answer: ({ metrics }) => json(200, metrics()) }],
  [
    "/metrics",
    {
      action: "GET_METRICS",
      answer: ({ metrics }) =>
        text(200, prometheusOf(metrics()), { headers: { "content-type": PROMETHEUS_TYPE } }),
    },
  ],
]);
