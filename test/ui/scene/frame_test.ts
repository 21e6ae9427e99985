import { graphOf, layOut } from "fairlead/ui";
import { describe, expect, test } from "vitest";
import { worldOf } from "../../../bench/ui_world.ts";
import { Camera } from "../../../src/ui/scene/camera.ts";
import { frameOf, type Look } from "../../../src/ui/scene/frame.ts";
import { labelsOf } from "../../../src/ui/scene/labels.ts";
import { NO_MARKS, type SceneTheme } from "../../../src/ui/scene/scene.ts";
import { walkFrom } from "../../../src/ui/scene/walk.ts";
import { arrangementOf, sceneOf } from "../../../src/ui/topology/graph_scene.ts";
import { countsInWords, nodeInWords } from "../../../src/ui/topology/graph_words.ts";
import type { GraphData } from "../../../src/ui/topology/model.ts";

const theme: SceneTheme = {
  background: 0xf5f7f9,
  surface: 0xffffff,
  text: 0x14202b,
  muted: 0x51606d,
  line: 0xe1e7ec,
  accent: 0x0b6c8e,
  font: "sans-serif",
  contrast: false,
};

function lookAt(data: GraphData, more: Partial<Look> = {}): Look {
  const { input, names } = arrangementOf(data);
  const layout = layOut(input);
  const scene = sceneOf(data, { layout, names, palette: "light" });
  const camera = new Camera();
  Object.assign(camera, { width: 1_600, height: 900 });
  camera.fit(layout.bounds);
  return { scene, camera, marks: NO_MARKS, theme, isMoving: false, ...more };
}

const large = worldOf({ hosts: 1_000, containers: 10_000, edges: 25_000 });

describe("frameOf()", () => {
  test("shows all nodes from afar, with the heaviest bundles and no single edge", () => {
    const { counts } = frameOf(lookAt(large));
    expect(counts).toMatchObject({ level: 0, nodesDrawn: 11_000, edges: 25_000, edgesDrawn: 0 });
    expect(counts.bundlesDrawn).toBe(1_500);
    expect(counts.bundles).toBeGreaterThan(1_500);
  });

  test("shows nodes without edges closer by, and edges of what is seen closest", () => {
    const look = lookAt(large);
    look.camera.scale = 0.3;
    expect(frameOf(look).counts).toMatchObject({ level: 1, edgesDrawn: 0, bundlesDrawn: 0 });
    look.camera.scale = 0.6;
    const { counts } = frameOf(look);
    expect(counts.level).toBe(2);
    expect(counts.nodesDrawn).toBeLessThan(1_000);
    expect(counts.edgesDrawn).toBeGreaterThan(0);
    expect(counts.edgesDrawn).toBeLessThanOrEqual(5_000);
    expect(frameOf({ ...look, isMoving: true }).counts.edgesDrawn).toBeLessThanOrEqual(800);
  });

  test("shows the edges of what is selected at every scale", () => {
    const look = lookAt(large);
    const selected = large.edges[0]!;
    const degree = [...large.edges].filter((node) => node === selected).length;
    const marks = { ...NO_MARKS, selected };
    expect(frameOf({ ...look, marks }).counts.edgesDrawn).toBe(degree);
    expect(frameOf({ ...look, marks }).nodes.at(-1)).toBe(selected);
  });

  test("shows a small graph whole", () => {
    const small = worldOf({ hosts: 4, containers: 40, edges: 60 });
    const { counts, lines } = frameOf(lookAt(small));
    expect(counts).toMatchObject({ level: 2, nodesDrawn: 44, edgesDrawn: 60 });
    expect(lines.length).toBeGreaterThanOrEqual(60);
  });

  test("takes a graph of nothing", () => {
    expect(frameOf(lookAt(graphOf([]))).counts.nodesDrawn).toBe(0);
  });
});

describe("labelsOf()", () => {
  test.each([0.06, 0.3, 0.6, 1.2])(
    "writes 200 names at most, none over another, at %f",
    (scale) => {
      const look = lookAt(large);
      look.camera.scale = scale;
      const labels = labelsOf(frameOf(look), look);
      expect(labels.length).toBeGreaterThan(3);
      expect(labels.length).toBeLessThanOrEqual(201);
      const rows = labels.map(({ x, y, text, size, align }) => {
        const width = text.length * size * 0.5;
        return {
          left: align === "left" ? x : x - width / 2,
          width,
          top: y - size * 0.7,
          tall: size * 0.7,
        };
      });
      for (const [at, a] of rows.entries()) {
        for (const b of rows.slice(0, at)) {
          const isApart = a.left + a.width <= b.left || b.left + b.width <= a.left;
          expect(isApart || a.top + a.tall <= b.top || b.top + b.tall <= a.top).toBe(true);
        }
      }
    },
  );

  test("writes the whole name of a marked node", () => {
    const label = "a-name-that-is-far-too-long-for-the-room-below-a-node-of-the-graph";
    const look = lookAt(graphOf([{ id: "a", label, labelMinor: "", rank: "a" }]));
    expect(labelsOf(frameOf(look), look)[0]?.text).toContain("…");
    const marked = { ...look, marks: { ...NO_MARKS, hovered: 0 } };
    expect(labelsOf(frameOf(marked), marked)[0]?.text).toBe(label);
  });
});

test("walkFrom() goes to the closest node in a direction, and stays where there is none", () => {
  const positions = Float32Array.of(0, 0, 100, 10, 300, 0, 0, 90, 40, 400);
  expect(walkFrom(positions, 0, [1, 0])).toBe(1);
  expect(walkFrom(positions, 0, [0, 1])).toBe(3);
  expect(walkFrom(positions, 0, [-1, 0])).toBe(0);
  expect(walkFrom(positions, 3, [0, -1])).toBe(0);
});

test("countsInWords() says what is left out, and nodeInWords() what a node is", () => {
  const { counts } = frameOf(lookAt(large));
  expect(countsInWords(counts)).toMatch(
    /^11,000 nodes · the 1,500 heaviest of [\d,]+ bundles of 25,000 edges · zoom in for more$/,
  );
  const pair = graphOf(
    [
      {
        id: "a",
        label: "web",
        labelMinor: "host-1",
        rank: "w",
        shape: "hexagon",
        stack: true,
        adjacency: ["b"],
      },
      { id: "b", label: "db", labelMinor: "", rank: "d" },
    ],
    { groupOf: () => "shop", textOf: ({ id }) => (id === "a" ? "12%" : "") },
  );
  expect(nodeInWords(pair, 0)).toBe(
    "web, host-1, stack of hexagon, in shop, 12%, calls 1, called by 0",
  );
  expect(countsInWords(frameOf(lookAt(pair)).counts)).toBe("2 nodes · 1 edge");
});
