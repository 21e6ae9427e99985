import {
  emptyReport,
  listProbes,
  type NodeSummary,
  ReportViews,
  renderDetails,
  renderTopologies,
  renderTopology,
  VIEW_IDS,
  viewQueryOf,
} from "fairlead/topology";
import { describe, expect, test } from "vitest";
import { small } from "../support/small.ts";

/** Labels, minor labels and edges by id: what a picture shows. */
function picture(nodes: ReadonlyMap<string, NodeSummary> | undefined) {
  return Object.fromEntries(
    [...(nodes ?? [])].map(([id, { label, labelMinor, adjacency = [] }]) => [
      id,
      [label, labelMinor, ...adjacency],
    ]),
  );
}

const INTERNET = {
  "in-theinternet": (to: string) => ["The Internet", "Inbound connections", to],
  "out-theinternet": ["The Internet", "Outbound connections"],
  "service-s3.amazonaws.com": ["s3.amazonaws.com", ""],
};

describe("renderTopology()", () => {
  test("processes: endpoints by pid, the internet by address, services by name", () => {
    expect(picture(renderTopology(small, "processes"))).toEqual({
      ...INTERNET,
      "in-theinternet": INTERNET["in-theinternet"]("a.example;10"),
      "a.example;10": ["nginx", "a.example (10)"],
      "a.example;30": ["batch", "a.example (30)"],
      "b.example;20": ["node", "b.example (20)", "b.example;21", "service-s3.amazonaws.com"],
      "b.example;21": ["postgres", "b.example (21)", "out-theinternet"],
    });
  });

  test("processes by name: one for all of a name", () => {
    const nodes = renderTopology(small, "processes-by-name");
    expect(nodes?.get("node")).toEqual({
      id: "node",
      label: "node",
      labelMinor: "1 process",
      rank: "node",
      shape: "square",
      stack: true,
      adjacency: ["postgres", "service-s3.amazonaws.com"],
    });
  });

  test("containers: by process, by address, and by a published port of the host", () => {
    expect(picture(renderTopology(small, "containers"))).toEqual({
      ...INTERNET,
      "in-theinternet": INTERNET["in-theinternet"]("pseudo:uncontained:a.example"),
      "pseudo:uncontained:a.example": ["Uncontained", "a.example"],
      "web1;<container>": ["web", "b.example", "db1;<container>", "service-s3.amazonaws.com"],
      "db1;<container>": ["db", "b.example", "out-theinternet", "web1;<container>"],
      "old1;<container>": ["old", "b.example"],
      "sys1;<container>": ["weavescope", "b.example"],
    });
  });

  test("containers: rank is the image without tag, else the host", () => {
    const nodes = renderTopology(small, "containers");
    expect(nodes?.get("web1;<container>")?.rank).toBe("shop/web");
    expect(nodes?.get("db1;<container>")?.rank).toBe("postgres");
    expect(nodes?.get("old1;<container>")?.rank).toBe("b.example");
  });

  test("containers by image and by DNS name", () => {
    const images = picture(renderTopology(small, "containers-by-image"));
    expect(images["shop/web;<container_image>"]).toEqual([
      "shop/web",
      "1 container",
      "postgres;<container_image>",
      "service-s3.amazonaws.com",
    ]);
    const names = picture(renderTopology(small, "containers-by-hostname"));
    expect(names["web.example"]).toEqual([
      "web.example",
      "1 container",
      "db.example",
      "service-s3.amazonaws.com",
    ]);
    expect(Object.keys(names)).not.toContain("old1;<container>");
  });

  test("hosts: everything by host", () => {
    expect(picture(renderTopology(small, "hosts"))).toEqual({
      ...INTERNET,
      "in-theinternet": INTERNET["in-theinternet"]("a.example;<host>"),
      "a.example;<host>": ["a", "example"],
      "b.example;<host>": [
        "b",
        "example",
        "b.example;<host>",
        "out-theinternet",
        "service-s3.amazonaws.com",
      ],
    });
  });

  test("views of what there is not are empty, views that there are not are none", () => {
    for (const id of ["pods", "services", "kube-controllers", "ecs-tasks", "swarm-services"]) {
      expect(renderTopology(small, id)?.size).toBe(0);
    }
    for (const id of VIEW_IDS) expect(renderTopology(emptyReport(), id)?.size).toBe(0);
    expect(renderTopology(small, "no-such-view")).toBeUndefined();
  });

  test("metrics are there without samples, their value cut to two decimals", () => {
    expect(renderTopology(small, "hosts")?.get("a.example;<host>")?.metrics).toEqual([
      {
        id: "load1",
        label: "Load (1m)",
        group: "load",
        value: 1.23,
        samples: null,
        min: 1.239,
        max: 1.239,
        url: "",
      },
    ]);
  });
});

describe("options", () => {
  const ids = (viewId: string, query: string) =>
    [...(renderTopology(small, viewId, viewQueryOf(new URLSearchParams(query)))?.keys() ?? [])]
      .filter((id) => id.endsWith(";<container>") || id.startsWith("pseudo:") || /;\d+$/.test(id))
      .map((id) => id.replace(";<container>", ""))
      .sort();

  test("of containers have defaults once any parameter is there", () => {
    expect(ids("containers", "")).toContain("old1");
    expect(ids("containers", "t=5s")).toEqual(["db1", "web1"]);
  });

  test("choose system, stopped and uncontained", () => {
    expect(ids("containers", "system=system")).toEqual(["sys1"]);
    expect(ids("containers", "stopped=stopped")).toEqual(["old1"]);
    expect(ids("containers", "stopped=both&system=all&pseudo=show")).toEqual([
      "db1",
      "old1",
      "pseudo:uncontained:a.example",
      "sys1",
      "web1",
    ]);
  });

  test("hide unconnected processes, and values that are not known choose nothing", () => {
    expect(ids("processes", "unconnected=hide")).not.toContain("a.example;30");
    expect(ids("processes", "unconnected=show")).toContain("a.example;30");
    expect(ids("containers", "system=nonsense&stopped=nonsense&pseudo=nonsense")).toEqual(
      ids("containers", ""),
    );
  });

  test("count what they leave out", () => {
    const [containers] = renderTopologies(small, { options: {} });
    expect(containers?.stats).toEqual({
      node_count: 4,
      nonpseudo_node_count: 2,
      edge_count: 4,
      filtered_nodes: 4,
    });
  });
});

describe("renderTopologies()", () => {
  test("lists views by name with those below them", () => {
    const names = renderTopologies(small).map(({ name, sub_topologies = [] }) => [
      name,
      ...sub_topologies.map((each) => each.name),
    ]);
    expect(names).toEqual([
      ["Containers", "by DNS name", "by image"],
      ["Hosts", "Weave Net"],
      ["Mesos tasks", "Frameworks"],
      ["Pods", "Controllers", "Services"],
      ["Processes", "by name"],
      ["Services"],
      ["Tasks", "Services"],
    ]);
  });

  test("is as Scope's where there are no Mesos tasks", () => {
    const urls = renderTopologies(emptyReport()).map(({ url }) => url);
    expect(urls).not.toContain("/api/topology/tasks");
    expect(urls).toHaveLength(6);
  });
});

describe("renderDetails()", () => {
  test("has children, parents and connections of both sides", () => {
    const web = renderDetails(small, "containers", "web1;<container>");
    expect(web?.parents).toEqual([
      {
        id: "shop/web;<container_image>",
        label: "shop/web",
        topologyId: "containers-by-image",
      },
      { id: "web.1;<mesos_task>", label: "web", topologyId: "tasks" },
      { id: "b.example;<host>", label: "b", topologyId: "hosts" },
    ]);
    expect(web?.children?.map(({ label, nodes }) => [label, nodes.map(({ id }) => id)])).toEqual([
      ["Processes", ["b.example;20"]],
    ]);
    const outgoing = web?.connections[1]?.connections.map(({ nodeId, metadata }) => [
      nodeId,
      ...metadata.map(({ value }) => value),
    ]);
    expect(outgoing).toEqual([
      ["db1;<container>", "5432", "1"],
      ["service-s3.amazonaws.com", "443", "1"],
    ]);
    const incoming = renderDetails(small, "containers", "db1;<container>")?.connections[0];
    expect(incoming?.connections.map(({ nodeId }) => nodeId)).toEqual(["web1;<container>"]);
  });

  test("names the addresses of the internet", () => {
    const uncontained = renderDetails(small, "containers", "pseudo:uncontained:a.example");
    expect(uncontained?.connections[0]?.connections[0]?.label).toBe("client.example (203.0.113.5)");
    const internet = renderDetails(small, "containers", "in-theinternet")?.connections[1];
    expect(internet?.columns.map(({ id }) => id)).toEqual(["remote", "port", "count"]);
    expect(internet?.connections[0]?.metadata[0]?.value).toBe("client.example (203.0.113.5)");
  });

  test("has the controls of the node's own probe, and samples", () => {
    const host = renderDetails(small, "hosts", "a.example;<host>");
    expect(host?.controls).toEqual([
      {
        probeId: "probe-a.example",
        nodeId: "a.example;<host>",
        id: "host_exec",
        human: "Exec shell",
        icon: "fa fa-terminal",
        rank: 1,
      },
    ]);
    expect(host?.metrics?.[0]?.samples).toEqual([
      { date: "2026-11-23T01:34:56.599256815Z", value: 1.239 },
    ]);
  });

  test("shows a node that the options leave out", () => {
    const options = { system: "application", stopped: "running" };
    expect(renderTopology(small, "containers", { options })?.has("old1;<container>")).toBe(false);
    expect(renderDetails(small, "containers", "old1;<container>", { options })?.label).toBe("old");
  });

  test("is nothing for a node or view that there is not", () => {
    expect(renderDetails(small, "containers", "nobody")).toBeUndefined();
    expect(renderDetails(small, "no-such-view", "web1;<container>")).toBeUndefined();
  });

  test("hides arguments and variables when asked to", () => {
    const query = viewQueryOf(
      new URLSearchParams("hideCommandLineArguments=true&hideEnvironmentVariables=true"),
    );
    const web = renderDetails(small, "containers", "web1;<container>", query);
    expect(JSON.stringify(web)).not.toMatch(/secret|hush/);
    expect(web?.metadata?.[0]?.value).toBe("node");
    expect(web?.tables?.map(({ id }) => id)).toEqual(["docker_label_"]);
    const open = renderDetails(small, "containers", "web1;<container>");
    expect(JSON.stringify(open)).toMatch(/secret.*hush/);
  });
});

describe("ReportViews", () => {
  test("gives the same answers as the functions, from one rendering", () => {
    const views = new ReportViews(small);
    for (const id of VIEW_IDS) {
      expect(views.has(id)).toBe(true);
      expect(views.nodes(id)).toEqual(renderTopology(small, id));
    }
    expect(views.has("toString")).toBe(false);
    expect(views.list()).toEqual(renderTopologies(small));
  });
});

test("listProbes() names each host's probe and when it was seen", () => {
  expect(listProbes(small)[0]).toEqual({
    id: "probe-a.example",
    hostname: "a.example",
    version: "1.0",
    lastSeen: "2026-11-23T01:34:56.599256815Z",
  });
});

test("viewQueryOf() reads the first value of each parameter", () => {
  expect(viewQueryOf(new URLSearchParams()).options).toBeUndefined();
  expect(viewQueryOf(new URLSearchParams("a=1&a=2&b=")).options).toEqual({ a: "1", b: "" });
});
