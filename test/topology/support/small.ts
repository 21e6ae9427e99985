/**
 * A report of our own: two hosts, two connected containers with an address each, processes that no
 * container holds, the internet on both sides, a cloud's service, and two Mesos tasks.
 */
import {
  endpointNodeId,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  type NodeParts,
  nodeIdOf,
  processNodeId,
  type Report,
  TOPOLOGY_TERMS,
} from "fairlead/topology";

/** When everything of it was read. */
export const AT = 1_795_397_696_599_256_815n;

/** The ids of the two hosts. */
export const HOST_A = nodeIdOf("Host", "a.example");
export const HOST_B = nodeIdOf("Host", "b.example");

function host(name: string, networks: readonly string[]) {
  return makeNode("Host", nodeIdOf("Host", name), {
    at: AT,
    latest: {
      host_name: name,
      os: "linux",
      control_probe_id: `probe-${name}`,
      host_scope_version: "1.0",
    },
    sets: { local_networks: networks },
    activeControls: ["host_exec"],
    metrics: { load1: makeMetric([{ date: AT, value: 1.239 }]) },
  });
}

function endpoint(ip: string, port: number, to: readonly string[], owner?: [string, number]) {
  return makeNode("Endpoint", endpointNodeId("", ip, port), {
    at: AT,
    adjacency: to,
    latest: { host_node_id: owner?.[0], pid: owner?.[1] },
  });
}

function process(hostName: string, pid: number, name: string, latest: NodeParts["latest"] = {}) {
  const hostId = nodeIdOf("Host", hostName);
  return makeNode("Process", processNodeId(hostName, pid), {
    at: AT,
    latest: { pid, name, cmdline: `${name} --verbose`, host_node_id: hostId, ...latest },
    parents: { host: [hostId] },
  });
}

function container(id: string, latest: NodeParts["latest"], sets: NodeParts["sets"] = {}) {
  return makeNode("Container", nodeIdOf("Container", id), {
    at: AT,
    latest: { docker_container_id: id, host_node_id: HOST_B, ...latest },
    sets,
    parents: { host: [HOST_B] },
  });
}

const ENDPOINTS = [
  endpoint("203.0.113.5", 4000, [";10.0.0.1;80"]),
  endpoint("10.0.0.1", 80, [], [HOST_A, 10]),
  endpoint("10.0.0.1", 50_001, [";10.0.0.2;8080"], [HOST_A, 10]),
  endpoint("10.0.0.2", 8080, []),
  endpoint("10.32.0.1", 51_000, [";10.32.0.2;5432"], [HOST_B, 20]),
  endpoint("10.32.0.2", 5432, [], [HOST_B, 21]),
  endpoint("10.32.0.1", 51_001, [";52.1.1.1;443"], [HOST_B, 20]),
  endpoint("52.1.1.1", 443, []),
  endpoint("10.32.0.2", 51_002, [";198.51.100.7;53"], [HOST_B, 21]),
  endpoint("198.51.100.7", 53, []),
  // To a port of the host that leads to the other container.
  endpoint("10.32.0.2", 51_003, [";10.0.0.2;8080"], [HOST_B, 21]),
];

const PROCESSES = [
  process("a.example", 10, "nginx"),
  process("a.example", 30, "batch", {
    mesos_task_id: "batch.1",
    mesos_framework_id: "f-1",
    mesos_framework_name: "chronos",
  }),
  process("b.example", 20, "node", { docker_container_id: "web1" }),
  process("b.example", 21, "postgres", { docker_container_id: "db1" }),
];

const CONTAINERS = [
  container(
    "web1",
    {
      docker_container_name: "web",
      docker_container_hostname: "web.example",
      docker_container_state: "running",
      docker_container_command: "node server.js --secret=1",
      docker_image_id: "i-web",
      docker_env_TOKEN: "hush",
      docker_label_team: "shop",
      mesos_task_id: "web.1",
      mesos_task_name: "web",
      mesos_framework_id: "f-2",
      mesos_framework_name: "marathon",
      marathon_app_id: "/shop/web",
    },
    {
      docker_container_ips_with_scopes: [";10.32.0.1"],
      docker_container_ports: ["10.0.0.2:8080->80/tcp"],
    },
  ),
  container(
    "db1",
    {
      docker_container_name: "db",
      docker_container_hostname: "db.example",
      docker_container_state: "running",
      docker_image_id: "i-db",
    },
    { docker_container_ips_with_scopes: [";10.32.0.2"] },
  ),
  container("old1", { docker_container_name: "old", docker_container_state: "exited" }),
  container("sys1", { docker_container_name: "weavescope", docker_container_state: "running" }),
];

function image(id: string, name: string) {
  return makeNode("ContainerImage", nodeIdOf("ContainerImage", id), {
    at: AT,
    latest: { docker_image_id: id, docker_image_name: name, host_node_id: HOST_B },
    parents: { host: [HOST_B] },
  });
}

/** The report. */
export const small: Report = makeReport(
  {
    Endpoint: makeTopology(ENDPOINTS),
    Process: makeTopology(PROCESSES, {
      ...TOPOLOGY_TERMS.Process,
      metadataTemplates: new Map([
        ["cmdline", { id: "cmdline", label: "Command", priority: 2, from: "latest" }],
        ["pid", { id: "pid", label: "PID", priority: 1, dataType: "number" }],
      ]),
    }),
    Container: makeTopology(CONTAINERS, {
      ...TOPOLOGY_TERMS.Container,
      metadataTemplates: new Map([
        ["docker_container_command", { id: "docker_container_command", label: "Command" }],
      ]),
      tableTemplates: new Map([
        ["docker_label_", table("docker_label_", "Labels")],
        ["docker_env_", table("docker_env_", "Environment")],
      ]),
    }),
    ContainerImage: makeTopology([
      image("i-web", "registry.example:5000/shop/web:7"),
      image("i-db", "postgres:16"),
    ]),
    Host: makeTopology([host("a.example", ["10.0.0.0/16"]), host("b.example", ["10.32.0.0/12"])], {
      ...TOPOLOGY_TERMS.Host,
      controls: new Map([
        ["host_exec", { id: "host_exec", human: "Exec shell", icon: "fa fa-terminal", rank: 1 }],
      ]),
      metricTemplates: new Map([["load1", { id: "load1", label: "Load (1m)", group: "load" }]]),
    }),
  },
  {
    id: "small",
    dns: new Map([
      ["52.1.1.1", { forward: ["s3.amazonaws.com"], reverse: [] }],
      ["203.0.113.5", { forward: [], reverse: ["client.example"] }],
    ]),
  },
);

function table(prefix: string, label: string) {
  return { id: prefix, label, prefix, type: "property-list", columns: [], fixedRows: new Map() };
}
