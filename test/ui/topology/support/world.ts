/** A made-up datacenter as the topology API tells of it: hosts, containers, processes, links. */
import type {
  Column,
  ConnectionGroup,
  DetailedNode,
  MetricRow,
  NodeSummary,
  TopologyDescriptor,
  TopologyOption,
} from "fairlead/topology";

/** How large. */
export interface TopologyWorldOptions {
  readonly hosts: number;
  readonly containers: number;
}

const SERVICES = [
  ["edge-proxy", "envoy", ["web-shop", "api-gateway"]],
  ["web-shop", "shop/web", ["api-gateway", "session-cache"]],
  ["api-gateway", "platform/gateway", ["orders", "catalog", "payments"]],
  ["orders", "shop/orders", ["orders-db", "event-bus"]],
  ["catalog", "shop/catalog", ["catalog-db", "session-cache"]],
  ["payments", "shop/payments", ["orders-db", "event-bus"]],
  ["event-bus", "nats", []],
  ["session-cache", "redis", []],
  ["orders-db", "postgres", []],
  ["catalog-db", "postgres", []],
  ["billing", "shop/billing", ["event-bus", "orders-db"]],
  ["mailer", "shop/mailer", ["event-bus"]],
] as const;

const PSEUDO: TopologyOption = {
  id: "pseudo",
  defaultValue: "hide",
  options: [
    { value: "show", label: "Show uncontained" },
    { value: "hide", label: "Hide uncontained" },
  ],
};
const OPTIONS: readonly TopologyOption[] = [
  {
    id: "system",
    defaultValue: "application",
    options: [
      { value: "all", label: "All" },
      { value: "system", label: "System containers" },
      { value: "application", label: "Application containers" },
    ],
  },
  {
    id: "stopped",
    defaultValue: "running",
    options: [
      { value: "stopped", label: "Stopped containers" },
      { value: "running", label: "Running containers" },
      { value: "both", label: "Both" },
    ],
  },
  {
    id: "namespace",
    defaultValue: "",
    selectType: "union",
    noneLabel: "All Namespaces",
    options: [
      { value: "shop", label: "shop" },
      { value: "platform", label: "platform" },
      { value: "data", label: "data" },
    ],
  },
  PSEUDO,
];

const NAMESPACES = ["shop", "platform", "data"] as const;

/** Repeatable noise from 0 to 1. */
export function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const START_MS = Date.UTC(2026, 10, 27, 5, 0, 0);

/** The datacenter at a moment; `step` lets it live. */
export class TopologyWorld {
  readonly #options: TopologyWorldOptions;
  readonly #states = new Map<string, string>();
  readonly #extra = new Map<string, NodeSummary>();
  readonly #removed = new Set<string>();
  tick = 0;

  constructor(options: TopologyWorldOptions) {
    this.#options = options;
  }

  /** Let time pass. */
  step(): void {
    this.tick += 1;
  }

  /** A container becomes `paused`, `exited` … */
  setState(id: string, state: string): void {
    this.#states.set(id, state);
  }

  /** A node that was not there. */
  add(node: NodeSummary): void {
    this.#extra.set(node.id, node);
  }

  /** A node that is gone. */
  remove(id: string): void {
    this.#removed.add(id);
  }

  /** Answer to `/api/topology`. */
  list(): readonly TopologyDescriptor[] {
    const stats = (id: string) => {
      const nodes = [...this.nodes(id, {}).values()];
      const edges = nodes.reduce((sum, { adjacency = [] }) => sum + adjacency.length, 0);
      return {
        node_count: nodes.length,
        nonpseudo_node_count: nodes.filter(({ pseudo }) => pseudo !== true).length,
        edge_count: edges,
        filtered_nodes: id === "containers" ? 3 : 0,
      };
    };
    const topology = (name: string, id: string, rank: number, options = OPTIONS) => {
      return {
        name,
        rank,
        hide_if_empty: true,
        url: `/api/topology/${id}`,
        options,
        stats: stats(id),
      };
    };
    return [
      {
        ...topology("Containers", "containers", 2),
        sub_topologies: [topology("by image", "containers-by-image", 0)],
      },
      { ...topology("Hosts", "hosts", 4, []), hide_if_empty: false },
      topology("Pods", "pods", 3, []),
      topology("Processes", "processes", 1, [
        {
          id: "unconnected",
          defaultValue: "hide",
          options: [
            { value: "show", label: "Show unconnected" },
            { value: "hide", label: "Hide unconnected" },
          ],
        },
      ]),
    ];
  }

  /** Answer to `/api/topology/{id}`. */
  nodes(
    topologyId: string,
    query: Readonly<Record<string, string>>,
  ): ReadonlyMap<string, NodeSummary> {
    const nodes = this.#all(topologyId).filter(({ id }) => !this.#removed.has(id));
    const found =
      topologyId === "containers" ? nodes.filter((each) => accepts(each, query)) : nodes;
    const there = new Set(found.map(({ id }) => id));
    return new Map(
      found.map((node) => {
        const adjacency = node.adjacency?.filter((id) => there.has(id)) ?? [];
        return [node.id, { ...node, adjacency }];
      }),
    );
  }

  /** Answer to `/api/topology/{id}/{node}`. */
  node(topologyId: string, id: string): DetailedNode | undefined {
    const all = this.nodes(topologyId, { stopped: "both" });
    const node = all.get(id);
    if (node === undefined) return undefined;
    const children = this.#childrenOf(node);
    return {
      ...node,
      metrics: (node.metrics ?? []).map((metric) => this.#sampled(metric)),
      controls: this.#controlsOf(node),
      ...(children.length === 0 ? {} : { children }),
      connections: connectionsOf(node, all, topologyId),
    };
  }

  #all(topologyId: string): readonly NodeSummary[] {
    const { hosts, containers } = this.#options;
    if (topologyId === "hosts") return range(hosts).map((at) => this.#host(at));
    if (topologyId === "processes") return range(Math.min(containers, 400)).map(processOf);
    if (topologyId === "containers-by-image") return SERVICES.map(([name], at) => image(name, at));
    if (topologyId !== "containers") return [];
    const made = range(containers).map((at) => this.#container(at));
    return [...made, ...this.#extra.values(), ...INTERNET(made)];
  }

  #host(at: number): NodeSummary {
    const id = `host-${at}.example;<host>`;
    const cpu = 12 + 70 * noise(at + this.tick * 7);
    const { hosts } = this.#options;
    return {
      id,
      label: `host-${at}`,
      labelMinor: "example",
      rank: "example",
      shape: "circle",
      metadata: [
        { id: "host_name", label: "Hostname", value: `host-${at}.example`, priority: 11 },
        { id: "os", label: "OS", value: "Linux", priority: 12 },
        {
          id: "local_networks",
          label: "Local networks",
          value: `10.0.${at % 256}.0/24`,
          priority: 13,
        },
      ],
      metrics: [
        metricOf("host_cpu_usage_percent", "CPU", cpu, 100, "percent"),
        metricOf(
          "host_mem_usage_bytes",
          "Memory",
          (2 + 12 * noise(at)) * 2 ** 30,
          16 * 2 ** 30,
          "filesize",
        ),
        metricOf("load1", "Load (1m)", 4 * noise(at + this.tick), 4 * noise(at + this.tick), ""),
      ],
      adjacency: hosts > 1 ? [`host-${(at + 1) % hosts}.example;<host>`] : [],
    };
  }

  #container(at: number): NodeSummary {
    const { hosts, containers } = this.#options;
    const kind = at % SERVICES.length;
    const [name, imageName, targets] = SERVICES[kind]!;
    const id = containerId(at);
    const replica = Math.floor(at / SERVICES.length);
    const state = this.#states.get(id) ?? (at % 29 === 28 ? "exited" : "running");
    const links = targets.map((target) => {
      const to = SERVICES.findIndex(([each]) => each === target);
      return containerId((replica * SERVICES.length + to) % containers);
    });
    const cpu = 95 * noise(at * 3 + this.tick) ** 3;
    const host = at % hosts;
    return {
      id,
      label: `${name}-${replica}`,
      labelMinor: `host-${host}`,
      rank: imageName,
      shape: "hexagon",
      metadata: [
        { id: "docker_image_name", label: "Image name", value: imageName, priority: 2 },
        {
          id: "docker_container_command",
          label: "Command",
          value: `/bin/${name} --port ${8_000 + kind}`,
          priority: 3,
        },
        { id: "docker_container_state_human", label: "State", value: state, priority: 4 },
        {
          id: "docker_container_uptime",
          label: "Uptime",
          value: String(3_600 * (at + 1) + this.tick),
          priority: 5,
          dataType: "duration",
        },
        {
          id: "docker_container_restart_count",
          label: "Restart #",
          value: String(at % 3),
          priority: 6,
          dataType: "number",
        },
        {
          id: "docker_container_networks",
          label: "Networks",
          value: kind < 3 ? "edge, backend" : "backend",
          priority: 7,
        },
        {
          id: "docker_container_ips",
          label: "IPs",
          value: `10.0.${host % 256}.${at % 250}`,
          priority: 8,
          dataType: "ip",
        },
        {
          id: "docker_container_created",
          label: "Created",
          value: new Date(START_MS - at * 3_600_000).toISOString(),
          priority: 10,
          dataType: "datetime",
        },
        {
          id: "docker_container_id",
          label: "ID",
          value: id.slice(0, 24),
          priority: 11,
          truncate: 12,
        },
      ],
      parents: [
        {
          id: `${imageName};<container_image>`,
          label: imageName,
          topologyId: "containers-by-image",
        },
        { id: `host-${host}.example;<host>`, label: `host-${host}`, topologyId: "hosts" },
      ],
      metrics: [
        metricOf("docker_cpu_total_usage", "CPU", cpu, 100, "percent"),
        metricOf(
          "docker_memory_usage",
          "Memory",
          (20 + 480 * noise(at)) * 2 ** 20,
          512 * 2 ** 20,
          "filesize",
        ),
      ],
      tables: [
        {
          id: "docker_label_",
          label: "Docker labels",
          type: "property-list",
          columns: null,
          rows: [
            {
              id: "docker_label_team",
              entries: { label: "com.team", value: NAMESPACES[kind % 3]! },
            },
            {
              id: "docker_label_tier",
              entries: { label: "com.tier", value: kind < 3 ? "front" : "back" },
            },
          ],
        },
      ],
      adjacency: links,
    };
  }

  #childrenOf(node: NodeSummary): NonNullable<DetailedNode["children"]> {
    const column = (id: string, label: string): Column => {
      return { id, label, defaultSort: false, dataType: "number" };
    };
    if (node.id.endsWith("<host>")) {
      const nodes = this.#all("containers")
        .filter(({ parents = [] }) => parents.some(({ id }) => id === node.id))
        .slice(0, 40);
      const columns = [
        column("docker_cpu_total_usage", "CPU"),
        column("docker_memory_usage", "Memory"),
      ];
      return [{ id: "", label: "Containers", topologyId: "containers", columns, nodes }];
    }
    if (!node.id.endsWith("<container>")) return [];
    const at = Number(/^c(\d+)/.exec(node.id)?.[1] ?? 0);
    const columns = [column("pid", "PID"), column("process_cpu_usage_percent", "CPU")];
    const nodes = [processOf(at % 400)];
    return [{ id: "", label: "Processes", topologyId: "processes", columns, nodes }];
  }

  #controlsOf(node: NodeSummary): DetailedNode["controls"] {
    const one = (id: string, human: string, icon: string, rank: number, confirmation = "") => {
      const base = { probeId: "probe-1", nodeId: node.id, id, human, icon, rank };
      return confirmation === "" ? base : { ...base, confirmation };
    };
    if (node.id.endsWith("<host>")) return [one("host_exec", "Exec shell", "fa fa-terminal", 1)];
    if (!node.id.endsWith("<container>")) return [];
    const state = node.metadata?.find(({ label }) => label === "State")?.value;
    if (state === "paused") return [one("docker_unpause_container", "Unpause", "fa fa-play", 2)];
    if (state === "exited") {
      return [
        one("docker_start_container", "Start", "fa fa-play", 1),
        one("docker_remove_container", "Remove", "fa fa-trash", 2, "Remove this container?"),
      ];
    }
    return [
      one("docker_attach_container", "Attach", "fa fa-desktop", 1),
      one("docker_exec_container", "Exec shell", "fa fa-terminal", 2),
      one("docker_restart_container", "Restart", "fa fa-redo", 3),
      one("docker_pause_container", "Pause", "fa fa-pause", 4),
      one("docker_stop_container", "Stop", "fa fa-stop", 5, "Stop this container?"),
    ];
  }

  #sampled(metric: MetricRow): MetricRow {
    const samples = range(15).map((at) => {
      const value = metric.value * (0.6 + 0.4 * noise(at + metric.value));
      return { date: new Date(START_MS + (this.tick + at) * 1_000).toISOString(), value };
    });
    const last = samples.at(-1)!;
    return { ...metric, samples: [...samples.slice(0, -1), { ...last, value: metric.value }] };
  }
}

function accepts(node: NodeSummary, query: Readonly<Record<string, string>>): boolean {
  if (node.pseudo === true) return true;
  const state = node.metadata?.find(({ label }) => label === "State")?.value ?? "running";
  const { stopped = "both", namespace = "" } = query;
  if (stopped === "running" && state === "exited") return false;
  if (stopped === "stopped" && state !== "exited") return false;
  const team = node.tables?.[0]?.rows[0]?.entries.value ?? "";
  return namespace === "" || namespace.split(",").includes(team);
}

export const containerId = (at: number) => `c${at}-${"f00dfeed".repeat(3)};<container>`;

const range = (length: number) => Array.from({ length }, (_, at) => at);

function metricOf(
  id: string,
  label: string,
  value: number,
  max: number,
  format: string,
): MetricRow {
  const rounded = Math.round(value * 100) / 100;
  const top = Math.max(max, rounded);
  return {
    id,
    label,
    format,
    value: rounded,
    priority: 1,
    samples: null,
    min: 0,
    max: top,
    url: "",
  };
}

function processOf(at: number): NodeSummary {
  const [name] = SERVICES[at % SERVICES.length]!;
  return {
    id: `host-0.example;${1_000 + at}`,
    label: `/bin/${name}`,
    labelMinor: `host-0 (${1_000 + at})`,
    rank: name,
    shape: "square",
    metadata: [
      { id: "pid", label: "PID", value: String(1_000 + at), priority: 1, dataType: "number" },
    ],
    parents: [
      {
        id: containerId(at),
        label: `${name}-${Math.floor(at / SERVICES.length)}`,
        topologyId: "containers",
      },
      { id: "host-0.example;<host>", label: "host-0", topologyId: "hosts" },
    ],
    metrics: [
      metricOf("process_cpu_usage_percent", "CPU", 40 * noise(at), 400, "percent"),
      metricOf(
        "process_memory_usage_bytes",
        "Memory",
        90 * noise(at) * 2 ** 20,
        2 ** 64,
        "filesize",
      ),
    ],
    adjacency: at > 0 ? [`host-0.example;${1_000 + at - 1}`] : [],
  };
}

function image(name: string, at: number): NodeSummary {
  const [, imageName] = SERVICES[at]!;
  return {
    id: `${name};<container_image>`,
    label: imageName,
    labelMinor: "2 containers",
    rank: imageName,
    shape: "hexagon",
    stack: true,
  };
}

function INTERNET(containers: readonly NodeSummary[]): readonly NodeSummary[] {
  const [first] = containers;
  if (first === undefined) return [];
  return [
    {
      id: "in-theinternet",
      label: "The Internet",
      labelMinor: "Inbound connections",
      rank: "in-theinternet",
      shape: "cloud",
      pseudo: true,
      adjacency: containers
        .filter((_, at) => at % SERVICES.length === 0)
        .slice(0, 20)
        .map(({ id }) => id),
    },
  ];
}

function connectionsOf(
  node: NodeSummary,
  all: ReadonlyMap<string, NodeSummary>,
  topologyId: string,
): readonly ConnectionGroup[] {
  const columns: readonly Column[] = [
    { id: "port", label: "Port", defaultSort: false, dataType: "number" },
    { id: "count", label: "Count", defaultSort: true, dataType: "number" },
  ];
  const rowOf = (other: NodeSummary, port: number) => {
    return {
      id: `${other.id}---${port}`,
      nodeId: other.id,
      label: other.label,
      labelMinor: other.labelMinor,
      metadata: [
        { id: "port", value: String(port) },
        { id: "count", value: String((port % 7) + 1) },
      ],
    };
  };
  const inbound = [...all.values()].filter(({ adjacency = [] }) => adjacency.includes(node.id));
  const outbound = (node.adjacency ?? [])
    .map((id) => all.get(id))
    .filter((each) => each !== undefined);
  return [
    {
      id: "incoming-connections",
      topologyId,
      label: "Inbound",
      columns,
      connections: inbound.map((each) => rowOf(each, 8_080)),
    },
    {
      id: "outgoing-connections",
      topologyId,
      label: "Outbound",
      columns,
      connections: outbound.map((each, at) => rowOf(each, 5_432 + at)),
    },
  ];
}
