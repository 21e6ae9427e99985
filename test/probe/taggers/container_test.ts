import { describe, expect, test } from "vitest";
import {
  containerTagger,
  latestAt,
  makeNode,
  makeReport,
  makeTopology,
} from "../../../src/probe/mod.ts";

const process = (pid: number, ppid: number) =>
  makeNode(`h;${pid}`, "process", { latest: latestAt(7n, { pid: `${pid}`, ppid: `${ppid}` }) });
const reportOf = (...pairs: (readonly [number, number])[]) =>
  makeReport({ Process: makeTopology(pairs.map(([pid, ppid]) => process(pid, ppid))) });
const rootOf = (pid: number) => (pid === 10 ? { containerId: "c", imageId: "i" } : undefined);

describe("containerTagger()", () => {
  test("finds the container of a process by its ancestors", () => {
    const report = reportOf([1, 0], [10, 1], [11, 10], [12, 11], [20, 1]);
    const nodes = containerTagger(rootOf).tag(report).topologies.Process?.nodes;
    const inside = [...(nodes?.values() ?? [])].filter((node) => node.parents.has("container"));
    expect(inside.map(({ id }) => id)).toEqual(["h;10", "h;11", "h;12"]);
    expect(inside[2]?.latest.get("docker_container_id")).toEqual({ timestamp: 7n, value: "c" });
    expect([...(inside[2]?.parents ?? [])]).toEqual([
      ["container", ["c;<container>"]],
      ["container_image", ["i;<container_image>"]],
    ]);
  });

  test("ends where parents form a ring", () => {
    const report = reportOf([5, 6], [6, 5]);
    expect(containerTagger(rootOf).tag(report)).toEqual(report);
  });
});
