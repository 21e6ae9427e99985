import {
  ecsServiceNodeId,
  endpointNodeId,
  nameInNodeId,
  nodeIdOf,
  partsOfEndpointId,
  processNodeId,
  TOPOLOGY_KEYS,
  TOPOLOGY_NAMES,
  topologyKeyOf,
} from "fairlead/topology";
import { describe, expect, test } from "vitest";

describe("ids of nodes", () => {
  test("nodeIdOf() tags as Scope does, where the tag is not the topology's name", () => {
    expect(nodeIdOf("Host", "a.example")).toBe("a.example;<host>");
    expect(nodeIdOf("ContainerImage", "web")).toBe("web;<container_image>");
    expect(nodeIdOf("DaemonSet", "d")).toBe("d;<daemonset>");
    expect(nodeIdOf("StatefulSet", "s")).toBe("s;<statefulset>");
    expect(nodeIdOf("CronJob", "c")).toBe("c;<cronjob>");
  });

  test("nameInNodeId() reads back, and only its own tag", () => {
    for (const key of TOPOLOGY_KEYS) expect(nameInNodeId(key, nodeIdOf(key, "n"))).toBe("n");
    expect(nameInNodeId("Host", "n;<pod>")).toBeUndefined();
    expect(nameInNodeId("Host", "n")).toBeUndefined();
  });

  test("partsOfEndpointId() reads what endpointNodeId() makes", () => {
    const id = endpointNodeId("host-402", "127.0.0.1", 80);
    expect(id).toBe("host-402;127.0.0.1;80");
    expect(partsOfEndpointId(id)).toEqual({ scope: "host-402", ip: "127.0.0.1", port: "80" });
    expect(partsOfEndpointId("host;1")).toBeUndefined();
  });

  test("processes and ECS services have two parts", () => {
    expect(processNodeId("h", 1)).toBe("h;1");
    expect(ecsServiceNodeId("c", "s")).toBe("c;s");
  });
});

test("topologyKeyOf() is the inverse of TOPOLOGY_NAMES", () => {
  for (const key of TOPOLOGY_KEYS) expect(topologyKeyOf(TOPOLOGY_NAMES[key])).toBe(key);
  expect(topologyKeyOf("toString")).toBeUndefined();
});
