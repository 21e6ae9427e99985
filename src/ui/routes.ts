/**
 * Addresses within the console: hashes such as `#/agents?state=draining` and their parts. Every
 * page, filter and tab has one, so that each can be sent to somebody else.
 */

/** The pages. */
export type PageName =
  | "overview"
  | "agents"
  | "agent"
  | "roles"
  | "role"
  | "frameworks"
  | "framework"
  | "tasks"
  | "task"
  | "offers"
  | "maintenance";

/** Where the console is. */
export interface Route {
  readonly page: PageName | "unknown";
  /** Ids of the path, decoded: an agent's, a framework's, a framework's and a task's. */
  readonly ids: readonly string[];
  /** Filters and tabs. */
  readonly query: Readonly<Record<string, string>>;
}

const LISTS: Readonly<Record<string, { readonly list: PageName; readonly one?: PageName }>> = {
  agents: { list: "agents", one: "agent" },
  roles: { list: "roles", one: "role" },
  frameworks: { list: "frameworks", one: "framework" },
  tasks: { list: "tasks", one: "task" },
  offers: { list: "offers" },
  maintenance: { list: "maintenance" },
};

/** Read a hash; what is no address of ours is the page `unknown`. */
export function parseRoute(hash: string): Route {
  const [path = "", text = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
  const query = Object.fromEntries(new URLSearchParams(text));
  const [head = "", ...rest] = path.split("/").filter((part) => part !== "");
  const ids = rest.map(decode);
  if (head === "") return { page: "overview", ids: [], query };
  const pages = LISTS[head];
  const idsWanted = head === "tasks" ? 2 : 1;
  if (pages !== undefined && ids.length === 0) return { page: pages.list, ids, query };
  if (pages?.one !== undefined && ids.length === idsWanted) {
    return { page: pages.one, ids, query };
  }
  return { page: "unknown", ids, query };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Query = Readonly<Record<string, string | boolean | undefined>>;

function address(path: readonly string[], query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "" || value === false) continue;
    parameters.set(name, value === true ? "1" : value);
  }
  const text = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** Addresses of the pages. */
export const links = {
  overview: () => "#/",
  agents: (query?: Query) => address(["agents"], query),
  agent: (id: string, query?: Query) => address(["agents", id], query),
  roles: (query?: Query) => address(["roles"], query),
  role: (name: string) => address(["roles", name]),
  frameworks: (query?: Query) => address(["frameworks"], query),
  framework: (id: string, query?: Query) => address(["frameworks", id], query),
  tasks: (query?: Query) => address(["tasks"], query),
  task: (frameworkId: string, taskId: string, query?: Query) =>
    address(["tasks", frameworkId, taskId], query),
  offers: (query?: Query) => address(["offers"], query),
  maintenance: () => "#/maintenance",
} as const;

/** The same page with another query. */
export function withQuery(hash: string, query: Query): string {
  const path = hash.replace(/^#?\/?/, "").replace(/\?.*$/s, "");
  const parts = path.split("/").filter((part) => part !== "");
  return address(parts.map(decode), query);
}
