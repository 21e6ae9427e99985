/** What the tests of the graph run in the page: the element, worlds, and pixels. */
import { define, FairleadGraph, type GraphData, graphOf, SHAPES } from "fairlead/ui";
import { worldOf } from "../../../bench/ui_world.ts";

/** Two rows of nodes, one of every shape, with edges from the first row to the second. */
function shapes(): GraphData {
  const names = [...SHAPES, "dottedtriangle", "dottedcylinder"];
  return graphOf(
    names.map((shape, at) => ({
      id: `n${at}`,
      label: `${shape}-${at}`,
      labelMinor: at % 3 === 0 ? "a second line" : "",
      rank: `${String.fromCharCode(97 + ((at * 5) % 26))}pp`,
      shape,
      ...(at % 4 === 1 ? { stack: true } : {}),
      ...(shape === "cloud" ? { pseudo: true } : {}),
      ...(at === 5 ? { tag: "snapshot" } : {}),
      ...(at < 6 ? { adjacency: [`n${at + 6}`, `n${6 + ((at + 1) % 6)}`] } : {}),
    })),
    {
      fillOf: ({ id }) => (id === "n2" || id === "n7" ? 0.4 : undefined),
      textOf: ({ id }) => (id === "n2" ? "40%" : ""),
    },
  );
}

/** Put an element over the whole page. */
function open(data: GraphData, options: { renderer?: string; style?: string } = {}): FairleadGraph {
  define(FairleadGraph);
  document.body.setAttribute("style", `margin:0;height:100vh;${options.style ?? ""}`);
  const graph = new FairleadGraph();
  graph.setAttribute("renderer", options.renderer ?? "auto");
  graph.data = data;
  document.body.append(graph);
  return graph;
}

/** The colour of the drawing at a place, under names and rings, once a frame is drawn there. */
function pixelOf(graph: FairleadGraph, x: number, y: number): [number, number, number] {
  graph.drawNow();
  const drawn = graph.shadowRoot?.querySelector("canvas");
  const copy = document.createElement("canvas");
  const context = copy.getContext("2d");
  if (drawn == null || context === null) throw new Error("nothing is drawn");
  const ratio = devicePixelRatio;
  copy.width = copy.height = 1;
  context.drawImage(drawn, Math.round(x * ratio), Math.round(y * ratio), 1, 1, 0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

const tools = { graphOf, worldOf, shapes, open, pixelOf };
/** What the page's scripts find at `graphTools`. */
export type GraphTools = typeof tools;
Object.assign(globalThis, { graphTools: tools });
