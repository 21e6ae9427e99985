/** The pages of the suite `ui`: the same graph at the same places, drawn by fairlead or by sigma. */
import { define, FairleadGraph, type GraphData, hex, layOut, nodeColour } from "fairlead/ui";
import Graph from "graphology";
import Sigma from "sigma";
import { arrangementOf } from "../src/ui/topology/graph_scene.ts";
import { type GraphWorld, worldOf } from "./ui_world.ts";

/** What the bench does with a drawing. */
export interface Drawing {
  /** Navigation start → first complete frame. */
  readonly firstMs: number;
  /** Where node i is, in CSS pixels of the window. */
  placeOf(node: number): readonly [number, number];
  /** Move the camera a little and draw. */
  move(step: number): void;
  /** Change 500 nodes and draw. */
  update(step: number): void;
  /** The colour of a place, as drawn by the last frame; forces its pixels. */
  pixels(): ImageData;
}

const CHANGED = 500;

/** Pixels of canvases, one above the other. */
function pixelsOf(canvases: Iterable<HTMLCanvasElement>): ImageData {
  const copy = document.createElement("canvas");
  copy.width = innerWidth;
  copy.height = innerHeight;
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("Cannot read pixels: no canvas");
  for (const canvas of canvases) {
    if (canvas.width > 0) context.drawImage(canvas, 0, 0, innerWidth, innerHeight);
  }
  return context.getImageData(0, 0, innerWidth, innerHeight);
}

/** Force the pixels of all canvases, cheaply: one of each. */
function force(root: ParentNode): void {
  for (const canvas of root.querySelectorAll("canvas")) {
    const gl = canvas.getContext("webgl2");
    if (gl !== null) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    else canvas.getContext("2d")?.getImageData(0, 0, 1, 1);
  }
}

function changedNodes(count: number, step: number): Uint32Array {
  return Uint32Array.from({ length: CHANGED }, (_, at) => (at * 21 + step * 7) % count);
}

async function fairlead(data: GraphData): Promise<Drawing> {
  define(FairleadGraph);
  const graph = new FairleadGraph();
  graph.data = data;
  graph.setAttribute("style", "position:fixed;inset:0");
  document.body.append(graph);
  await graph.updateComplete;
  graph.drawNow();
  const root = graph.shadowRoot!;
  force(root);
  const firstMs = performance.now();
  const ids = data.ids;
  return {
    firstMs,
    placeOf: (node) => graph.placeOf(ids[node]!)!,
    move(step) {
      const { x, y, scale } = graph.camera;
      const zoom = step % 2 === 0 ? 1.04 : 1 / 1.04;
      graph.camera = { x: x + (step % 4 < 2 ? 12 : -12) / scale, y, scale: scale * zoom };
      graph.drawNow();
      force(root);
    },
    update(step) {
      const nodes = changedNodes(ids.length, step);
      graph.patchFills(
        nodes,
        Float32Array.from(nodes, (node) => ((node + step) % 10) / 10),
      );
      graph.drawNow();
      force(root);
    },
    // Without the names, which lie in a canvas above.
    pixels: () => pixelsOf([root.querySelector("canvas")!]),
  };
}

async function sigma(data: GraphData): Promise<Drawing> {
  const { positions } = layOut(arrangementOf(data).input);
  const graph = new Graph({ type: "directed", multi: false });
  for (const [node, id] of data.ids.entries()) {
    graph.addNode(id, {
      x: positions[node * 2]!,
      y: -positions[node * 2 + 1]!,
      size: 1.6,
      color: hex(nodeColour(data.ranks[node]!, data.labels[node]!, "light")),
      label: data.labels[node]!,
    });
  }
  for (let at = 0; at < data.edges.length; at += 2) {
    graph.addEdge(data.ids[data.edges[at]!], data.ids[data.edges[at + 1]!], { size: 0.5 });
  }
  const host = document.createElement("div");
  host.setAttribute("style", "position:fixed;inset:0");
  document.body.append(host);
  const renderer = new Sigma(graph, host, { defaultEdgeColor: "#dde3e8" });
  renderer.refresh();
  force(host);
  const firstMs = performance.now();
  const camera = renderer.getCamera();
  return {
    firstMs,
    placeOf(node) {
      const { x, y } = renderer.graphToViewport({
        x: positions[node * 2]!,
        y: -positions[node * 2 + 1]!,
      });
      return [x, y];
    },
    move(step) {
      const { x, ratio } = camera.getState();
      const zoom = step % 2 === 0 ? 1 / 1.04 : 1.04;
      camera.setState({ x: x + (step % 4 < 2 ? 0.01 : -0.01), ratio: ratio * zoom });
      renderer.refresh({ skipIndexation: true, partialGraph: { nodes: [], edges: [] } });
      force(host);
    },
    update(step) {
      const nodes = Array.from(changedNodes(data.ids.length, step), (node) => data.ids[node]!);
      for (const id of nodes) graph.setNodeAttribute(id, "color", step % 2 ? "#0b6c8e" : "#1a7346");
      renderer.refresh({ skipIndexation: true, partialGraph: { nodes, edges: [] } });
      force(host);
    },
    pixels: () => {
      renderer.refresh({ skipIndexation: true });
      return pixelsOf(host.querySelectorAll("canvas"));
    },
  };
}

/** Nodes at whose centres there is ink: a colour, and not the grey of ground and edges. */
function inked(drawing: Drawing, count: number): number {
  const { data, width } = drawing.pixels();
  let found = 0;
  for (let node = 0; node < count; node += 1) {
    const [x, y] = drawing.placeOf(node);
    let most = 0;
    for (const [dx, dy] of [
      [0, 0],
      [-1, 0],
      [0, -1],
      [-1, -1],
    ] as const) {
      const at = 4 * ((Math.round(y) + dy) * width + Math.round(x) + dx);
      const channels = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      most = Math.max(most, Math.max(...channels) - Math.min(...channels));
    }
    if (most >= 20) found += 1;
  }
  return found;
}

const times = (count: number, act: (step: number) => void): number[] =>
  Array.from({ length: count }, (_, step) => {
    const begunMs = performance.now();
    act(step);
    return performance.now() - begunMs;
  });

/** Draw, and measure. @returns How many nodes were to be seen, and times in milliseconds. */
async function run(name: string, what: string, world: GraphWorld) {
  const data = worldOf(world);
  data.fills.fill(Number.NaN);
  const drawing = await (name === "sigma" ? sigma(data) : fairlead(data));
  const count = data.ids.length;
  const seen = inked(drawing, count);
  const taken =
    what === "move" ? times(40, drawing.move) : what === "update" ? times(20, drawing.update) : [];
  return { firstMs: drawing.firstMs, seen, count, taken };
}

Object.assign(globalThis, { run });
