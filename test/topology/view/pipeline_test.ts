import { FairleadError } from "fairlead/base";
import {
  decodeInflatedReport,
  deltaOf,
  encodeReport,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  mergeReports,
  type NodeParts,
  nodeIdOf,
  type Report,
  ReportViews,
  TOPOLOGY_KEYS,
  type TopologyKey,
  upgradeReport,
  VIEW_IDS,
} from "fairlead/topology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { small } from "../support/small.ts";

type Nodes = Partial<Record<TopologyKey, Readonly<Record<string, NodeParts>>>>;

/** A report of nodes by topology and name; names without parts get the tag of their topology. */
function reportOf(topologies: Nodes, head: Parameters<typeof makeReport>[1] = {}): Report {
  const all: Partial<Record<TopologyKey, ReturnType<typeof makeTopology>>> = {};
  for (const key of TOPOLOGY_KEYS) {
    const parts = Object.entries(topologies[key] ?? {});
    if (parts.length === 0) continue;
    const idOf = (name: string) => (/[;#]/.test(name) ? name : nodeIdOf(key, name));
    all[key] = makeTopology(parts.map(([name, each]) => makeNode(key, idOf(name), each)));
  }
  return makeReport(all, head);
}

/** Edges by id of the source. */
function edges(report: Report, viewId: string, query = {}): Record<string, readonly string[]> {
  const nodes = new ReportViews(report).nodes(viewId, query) ?? new Map();
  return Object.fromEntries([...nodes].map(([id, { adjacency = [] }]) => [id, adjacency]));
}

const HOSTS: Nodes = { Host: { h: { sets: { local_networks: ["10.0.0.0/8"] } } } };
const ON_H = { host_node_id: "h;<host>" };

describe("processes", () => {
  test("do not get the connections of a port that several may have used", () => {
    const report = reportOf({
      ...HOSTS,
      Process: { "h;1": {}, "h;2": {}, "h;3": {} },
      Endpoint: {
        ";10.0.0.1;5000": {
          latest: { ...ON_H, pid: 1 },
          adjacency: [";10.0.0.2;80", ";10.0.0.3;80"],
        },
        ";10.0.0.2;80": { latest: { ...ON_H, pid: 2 } },
        ";10.0.0.3;80": { latest: { ...ON_H, pid: 3 } },
      },
    });
    expect(edges(report, "processes")["h;1"]).toEqual([]);
  });

  test("get them where NAT made two of one", () => {
    const report = reportOf({
      ...HOSTS,
      Process: { "h;1": {}, "h;2": {} },
      Endpoint: {
        ";10.0.0.1;5000": {
          latest: { ...ON_H, pid: 1 },
          adjacency: [";10.0.0.2;80", ";10.0.0.9;8080"],
        },
        ";10.0.0.2;80": { latest: { ...ON_H, pid: 2 } },
        ";10.0.0.9;8080": { latest: { copy_of: ";10.0.0.2;80" } },
      },
    });
    expect(edges(report, "processes")["h;1"]).toEqual(["h;2"]);
  });

  test("that nobody reported are made of their endpoints", () => {
    const report = reportOf({
      ...HOSTS,
      Process: { "h;1": {} },
      Endpoint: { ";10.0.0.1;80": { latest: { ...ON_H, pid: 7 } } },
    });
    expect(Object.keys(edges(report, "processes"))).toEqual(["h;1", "h;7"]);
  });

  test("count folded connections as what they stand for", () => {
    const report = reportOf({
      ...HOSTS,
      Process: { "h;1": {}, "h;2": {} },
      Endpoint: {
        ";10.0.0.1;5001": {
          latest: { ...ON_H, pid: 1, conn_count: 20 },
          adjacency: [";10.0.0.2;80"],
        },
        ";10.0.0.1;5002": { latest: { ...ON_H, pid: 1 }, adjacency: [";10.0.0.2;80"] },
        ";10.0.0.2;80": { latest: { ...ON_H, pid: 2 } },
      },
    });
    const [incoming] = new ReportViews(report).details("processes", "h;2")?.connections ?? [];
    expect(incoming?.connections.map(({ metadata }) => metadata.map(({ value }) => value))).toEqual(
      [["80", "21"]],
    );
  });
});

describe("the internet", () => {
  const endpoints = (ip: string, names: readonly string[] = []) =>
    reportOf(
      {
        ...HOSTS,
        Process: { "h;1": {} },
        Service: {
          s1: { latest: { kubernetes_ip: "172.30.0.4" } },
          s2: { latest: { kubernetes_ip: "172.30.0.7" } },
        },
        Endpoint: {
          ";10.0.0.1;5000": { latest: { ...ON_H, pid: 1 }, adjacency: [`;${ip};443`] },
          [`;${ip};443`]: {},
        },
      },
      { dns: new Map([[ip, { forward: names, reverse: [] }]]) },
    );
  const target = (ip: string, names?: readonly string[]) =>
    edges(endpoints(ip, names), "processes")["h;1"]?.[0];

  test("is what is outside of all networks of hosts and of services", () => {
    expect(target("8.8.8.8")).toBe("out-theinternet");
    expect(target("2001:db8::1")).toBe("out-theinternet");
    expect(target("10.200.0.1")).toBeUndefined();
    expect(target("172.30.0.5")).toBeUndefined();
    expect(target("172.30.0.8")).toBe("out-theinternet");
    expect(target("no-address")).toBeUndefined();
  });

  test("has services of clouds apart, but not machines rented there", () => {
    expect(target("8.8.8.8", ["storage.googleapis.com"])).toBe("service-storage.googleapis.com");
    expect(target("10.1.1.1", ["sqs.us-east-1.amazonaws.com"])).toBe(
      "service-sqs.us-east-1.amazonaws.com",
    );
    expect(target("8.8.8.8", ["ec2-1.compute.amazonaws.com"])).toBe("out-theinternet");
    expect(target("8.8.8.8", ["amazonaws.com"])).toBe("out-theinternet");
  });

  test("does not speak to itself", () => {
    const report = reportOf({
      ...HOSTS,
      Process: { "h;1": {} },
      Endpoint: { ";8.8.8.8;1": { adjacency: [";9.9.9.9;2"] }, ";9.9.9.9;2": {} },
    });
    expect(Object.keys(edges(report, "processes"))).toEqual(["h;1"]);
  });
});

describe("containers", () => {
  const address = (ip: string, latest: NodeParts["latest"] = {}) => ({
    latest: { ...ON_H, docker_container_id: ip, ...latest },
    sets: { docker_container_ips_with_scopes: [`;${ip}`] },
  });
  const connected = (containers: Readonly<Record<string, NodeParts>>) =>
    edges(
      reportOf({
        ...HOSTS,
        Container: containers,
        Endpoint: { ";10.0.0.1;5000": { adjacency: [";10.0.0.2;80"] }, ";10.0.0.2;80": {} },
      }),
      "containers",
    )["a;<container>"];

  test("are found by addresses that are their own", () => {
    expect(connected({ a: address("10.0.0.1"), b: address("10.0.0.2") })).toEqual([
      "b;<container>",
    ]);
  });

  test("are not found by an address of two, nor in the host's network", () => {
    const a = address("10.0.0.1");
    expect(connected({ a, b: address("10.0.0.2"), c: address("10.0.0.2") })).toEqual([]);
    expect(connected({ a, b: address("10.0.0.2", { docker_is_in_host_network: "true" }) })).toEqual(
      [],
    );
    expect(connected({ a, b: address("10.0.0.2", { does_not_make_connections: "" }) })).toEqual([]);
  });

  test("that are deleted are left out", () => {
    const report = reportOf({
      Container: { a: { latest: { docker_container_state: "deleted" } } },
    });
    expect(edges(report, "containers")).toEqual({});
  });

  test("are named by orchestrators' labels first, by their id last", () => {
    const label = (latest: Readonly<Record<string, string>>) => {
      const report = reportOf({ Container: { "0123456789abcdef": { latest } } });
      return [...(new ReportViews(report).nodes("containers")?.values() ?? [])][0]?.label;
    };
    const name = { docker_container_name: "k8s_web_1", docker_container_hostname: "h" };
    expect(label({ ...name, "docker_label_io.kubernetes.container.name": "web" })).toBe("web");
    expect(label({ ...name, docker_env_MARATHON_APP_ID: "/web" })).toBe("/web");
    expect(label(name)).toBe("k8s_web_1");
    expect(label({ docker_container_hostname: "h" })).toBe("h");
    expect(label({})).toBe("0123456789ab");
  });

  test("of two tags of an image are one node with both counted", () => {
    const report = reportOf({
      Container: {
        a: { latest: { docker_image_id: "1" } },
        b: { latest: { docker_image_id: "2" } },
        c: { latest: { docker_image_id: "2" } },
      },
      ContainerImage: {
        1: { latest: { docker_image_name: "web:1", docker_image_id: "1" } },
        2: { latest: { docker_image_name: "web:2", docker_image_id: "2" } },
      },
    });
    const nodes = new ReportViews(report).nodes("containers-by-image");
    expect([...(nodes?.values() ?? [])].map(({ labelMinor }) => labelMinor)).toEqual([
      "3 containers",
    ]);
  });
});

describe("Kubernetes", () => {
  const inPod = (pod: string, latest: NodeParts["latest"] = {}) => ({
    latest: { ...ON_H, docker_container_state: "running", ...latest },
    parents: { pod: [`${pod};<pod>`], host: ["h;<host>"] },
    metrics: { docker_memory_usage: makeMetric([{ date: 1n, value: 7 }]) },
  });
  const pod = (name: string, ip: string, parents: NodeParts["parents"]) => ({
    latest: { kubernetes_name: name, kubernetes_namespace: "shop", kubernetes_ip: ip },
    ...(parents === undefined ? {} : { parents }),
  });
  const report = reportOf({
    ...HOSTS,
    Container: {
      web: inPod("p1"),
      pause: inPod("p1", { docker_image_id: "pause" }),
      stopped: inPod("p1", { docker_container_state: "exited" }),
      free: { latest: { ...ON_H, docker_container_state: "running" } },
    },
    ContainerImage: {
      pause: { latest: { docker_image_id: "pause", docker_image_name: "k8s.gcr.io/pause:3" } },
    },
    Pod: {
      p1: pod("web-1", "10.1.0.1", { service: ["s;<service>"], deployment: ["d;<deployment>"] }),
      p2: pod("db-1", "10.1.0.2", { daemon_set: ["ds;<daemonset>"] }),
      p3: { latest: { kubernetes_state: "deleted" } },
    },
    Service: { s: { latest: { kubernetes_name: "web", kubernetes_namespace: "shop" } } },
    Deployment: { d: { latest: { kubernetes_name: "web", kubernetes_namespace: "shop" } } },
    DaemonSet: { ds: { latest: { kubernetes_name: "db", kubernetes_namespace: "ops" } } },
    Namespace: {
      shop: { latest: { kubernetes_name: "shop" } },
      ops: { latest: { kubernetes_name: "ops" } },
    },
    Endpoint: { ";10.1.0.1;5000": { adjacency: [";10.1.0.2;5432"] }, ";10.1.0.2;5432": {} },
  });
  const views = new ReportViews(report);

  test("pods have running containers but pauses, an only one's metrics, its host", () => {
    const web = views.details("pods", "p1;<pod>");
    expect(web).toMatchObject({ label: "web-1", labelMinor: "1 container", rank: "shop/web-1" });
    expect(web?.children?.flatMap(({ nodes }) => nodes.map(({ id }) => id))).toEqual([
      "web;<container>",
    ]);
    expect(web?.parents?.map(({ topologyId }) => topologyId)).toEqual([
      "kube-controllers",
      "services",
      "hosts",
    ]);
    expect(edges(report, "pods")).toEqual({ "p1;<pod>": ["p2;<pod>"], "p2;<pod>": [] });
    expect(edges(report, "pods", { options: { pseudo: "show" } })).not.toHaveProperty("p3;<pod>");
  });

  test("controllers of all kinds speak to each other", () => {
    const nodes = views.nodes("kube-controllers");
    expect(edges(report, "kube-controllers")).toEqual({
      "d;<deployment>": ["ds;<daemonset>"],
      "ds;<daemonset>": [],
    });
    expect(nodes?.get("d;<deployment>")).toMatchObject({
      labelMinor: "Deployment of 1 pod",
      stack: true,
      shape: "heptagon",
    });
    expect(nodes?.get("ds;<daemonset>")).toMatchObject({ shape: "pentagon", rank: "ops/db" });
    expect(views.nodes("services")?.get("s;<service>")?.labelMinor).toBe("1 pod");
  });

  test("namespaces can be chosen, several at once", () => {
    const ids = (namespace: string) =>
      Object.keys(edges(report, "kube-controllers", { options: { namespace } }));
    expect(ids("shop")).toEqual(["d;<deployment>"]);
    expect(ids("shop,ops")).toHaveLength(2);
    expect(ids("")).toHaveLength(2);
    const pods = views.list().find(({ name }) => name === "Pods");
    expect(pods?.options.at(-1)).toEqual({
      id: "namespace",
      defaultValue: "",
      options: [
        { value: "ops", label: "ops" },
        { value: "shop", label: "shop" },
      ],
      selectType: "union",
      noneLabel: "All Namespaces",
    });
  });

  test("storage hangs together from pods to snapshots, hidden unless asked for", () => {
    const named = (name: string, latest: NodeParts["latest"] = {}) => ({
      latest: { kubernetes_name: name, ...latest },
    });
    const storage = reportOf({
      Pod: { p: named("p", { kubernetes_volume_claim: "c;none", kubernetes_namespace: "n" }) },
      PersistentVolumeClaim: {
        c: named("c", {
          kubernetes_volume_name: "v",
          kubernetes_storage_class_name: "fast",
          kubernetes_namespace: "n",
        }),
      },
      PersistentVolume: { v: named("v") },
      StorageClass: { sc: named("fast") },
      VolumeSnapshot: {
        vs: named("s", { kubernetes_volume_name: "v", kuberneets_snapshot_data: "data" }),
      },
      VolumeSnapshotData: { vd: named("data") },
    });
    expect(edges(storage, "pods")).toEqual({
      "p;<pod>": ["c;<persistent_volume_claim>"],
      "c;<persistent_volume_claim>": ["v;<persistent_volume>"],
      "v;<persistent_volume>": ["vs;<volume_snapshot>"],
      "sc;<storage_class>": ["c;<persistent_volume_claim>"],
      "vs;<volume_snapshot>": ["vd;<volume_snapshot_data>"],
      "vd;<volume_snapshot_data>": [],
    });
    expect(Object.keys(edges(storage, "pods", { options: {} }))).toEqual(["p;<pod>"]);
  });
});

describe("other orchestrators", () => {
  const of = (topology: string, id: string) => ({
    latest: { ...ON_H, docker_container_state: "running" },
    parents: { [topology]: [id] },
  });

  test("ECS: tasks and services", () => {
    const report = reportOf({
      Container: { c: of("ecs_task", "t;<ecs_task>") },
      ECSTask: { t: { latest: { ecs_task_family: "web" }, parents: { ecs_service: ["k;s"] } } },
      ECSService: { "k;s": {} },
    });
    const views = new ReportViews(report);
    expect(views.nodes("ecs-tasks")?.get("t;<ecs_task>")?.label).toBe("web");
    expect(views.nodes("ecs-services")?.get("k;s")).toMatchObject({ label: "s", stack: true });
    const [tasks] = views.details("ecs-services", "k;s")?.children ?? [];
    expect(tasks?.nodes.map(({ id }) => id)).toEqual(["t;<ecs_task>"]);
  });

  test("Swarm: services with their stacks to choose from", () => {
    const report = reportOf({
      Container: { c: of("swarm_service", "s;<swarm_service>") },
      SwarmService: { s: { latest: { service_name: "web", stack_namespace: "shop" } } },
    });
    const views = new ReportViews(report);
    expect(views.nodes("swarm-services")?.get("s;<swarm_service>")?.label).toBe("web");
    const services = views.list().find(({ url }) => url.endsWith("/swarm-services"));
    expect(services?.options.at(-1)?.noneLabel).toBe("All Stacks");
  });

  test("Weave Net: peers, and those that no probe sees", () => {
    const report = reportOf({
      Overlay: {
        "#aa": { latest: { ...ON_H, weave_peer_nick_name: "one" }, adjacency: ["#bb"] },
        "#bb": { latest: { weave_peer_nick_name: "two" } },
        "#docker_peer_h": { latest: ON_H },
      },
    });
    const nodes = new ReportViews(report).nodes("weave");
    expect(edges(report, "weave")).toEqual({
      "#aa": ["pseudo:unmanaged:two"],
      "pseudo:unmanaged:two": [],
    });
    expect(nodes?.get("#aa")).toMatchObject({ label: "one", labelMinor: "aa" });
  });

  test("Mesos: tasks of containers and of processes, and their frameworks", () => {
    const views = new ReportViews(small);
    const tasks = views.nodes("tasks");
    expect([...(tasks?.keys() ?? [])].filter((id) => id.endsWith("<mesos_task>")).sort()).toEqual([
      "batch.1;<mesos_task>",
      "web.1;<mesos_task>",
    ]);
    expect(tasks?.get("web.1;<mesos_task>")).toMatchObject({
      label: "web",
      labelMinor: "marathon",
      rank: "/shop/web",
      adjacency: ["pseudo:unmanaged:b.example", "service-s3.amazonaws.com"],
      parents: [
        { id: "f-2;<mesos_framework>", label: "marathon", topologyId: "frameworks" },
        { id: "b.example;<host>", label: "b", topologyId: "hosts" },
      ],
    });
    const web = views.details("tasks", "web.1;<mesos_task>");
    expect(web?.metadata?.map(({ label, value }) => [label, value])).toEqual([
      ["Task ID", "web.1"],
      ["Framework", "marathon"],
      ["Framework ID", "f-2"],
      ["Marathon app", "/shop/web"],
    ]);
    expect(web?.children?.map(({ label, nodes }) => [label, nodes.length])).toEqual([
      ["Containers", 1],
      ["Processes", 1],
    ]);
    expect(web?.connections[1]?.connections).toHaveLength(2);
    expect(views.nodes("containers")?.get("web1;<container>")?.parents?.at(1)).toEqual({
      id: "web.1;<mesos_task>",
      label: "web",
      topologyId: "tasks",
    });
    expect(views.nodes("frameworks")?.get("f-1;<mesos_framework>")).toMatchObject({
      label: "chronos",
      labelMinor: "1 task",
      stack: true,
    });
  });
});

describe("tables", () => {
  test("of many columns are read from keys of row and column", () => {
    const template = {
      id: "t",
      label: "T",
      prefix: "t_",
      type: "multicolumn-table",
      columns: [{ id: "a", label: "A" }],
      fixedRows: new Map<string, string>(),
    };
    const node = makeNode("Host", "h;<host>", {
      latest: { t_r2___a: "3", t_r1___a: "1", t_r1___b: "2", t_broken: "x", other: "y" },
    });
    const Host = makeTopology([node], { tableTemplates: new Map([["t", template]]) });
    const views = new ReportViews(makeReport({ Host }));
    expect(views.nodes("hosts")?.get("h;<host>")?.tables).toEqual([
      {
        id: "t",
        label: "T",
        type: "multicolumn-table",
        columns: [{ id: "a", label: "A", dataType: "" }],
        rows: [
          { id: "r1", entries: { a: "1", b: "2" } },
          { id: "r2", entries: { a: "3" } },
        ],
      },
    ]);
  });

  test("of properties have fixed rows too, and say what is missing", () => {
    const template = {
      id: "p",
      label: "P",
      prefix: "p_",
      type: "",
      columns: [],
      fixedRows: new Map([["os", "System"]]),
    };
    const latest = { p_b: "2", os: "linux", table_truncation_count_p_: "5" };
    const Host = makeTopology([makeNode("Host", "h;<host>", { latest })], {
      tableTemplates: new Map([["p", template]]),
    });
    const [table] =
      new ReportViews(makeReport({ Host })).nodes("hosts")?.get("h;<host>")?.tables ?? [];
    expect(table).toMatchObject({ type: "property-list", columns: null, truncationCount: 5 });
    expect(table?.rows).toEqual([
      { id: "label_System", entries: { label: "System", value: "linux" } },
      { id: "label_b", entries: { label: "b", value: "2" } },
    ]);
  });
});

test("whatever can be read can be rendered, merged and written", () => {
  const bytes = encodeReport(small, { format: "msgpack-scope" });
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  let rendered = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const mutated = bytes.slice();
      for (const [at, byte] of changes) mutated[at] = byte;
      const report = readIfPossible(mutated);
      if (report === undefined) return;
      const views = new ReportViews(upgradeReport(mergeReports([small, report])));
      for (const viewId of VIEW_IDS) {
        for (const nodeId of views.nodes(viewId)?.keys() ?? []) views.details(viewId, nodeId);
      }
      encodeReport(deltaOf(report, small), { format: "json" });
      rendered += 1;
    }),
    { numRuns: 150 },
  );
  expect(rendered).toBeGreaterThan(15);
});

function readIfPossible(bytes: Uint8Array): Report | undefined {
  try {
    return decodeInflatedReport(bytes, { contentType: "application/msgpack" });
  } catch (error) {
    expect(error).toBeInstanceOf(FairleadError);
    return undefined;
  }
}
