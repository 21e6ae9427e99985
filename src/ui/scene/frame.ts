/** What one frame shows: chosen from the scene by the camera and the marks, as a list to be drawn. */
import { mix, type Rgb } from "../topology/colours.ts";
import type { Camera } from "./camera.ts";
import { LineList } from "./lines.ts";
import type { DrawCounts, Marks, Scene, SceneTheme } from "./scene.ts";

/** A graph up to here shows all its edges at every scale. */
const PLAIN_NODES = 400;
const PLAIN_EDGES = 1_500;
/** Bundles drawn at most, the heaviest first. */
const BUNDLES_MAX = 1_500;
/** Edges drawn at most, at rest and while the picture moves. */
const EDGES_MAX = 5_000;
const EDGES_MOVING_MAX = 1_200;
/** Pixels across a node from which on nodes, and then edges, are what one sees. */
const NODES_FROM = 9;
const EDGES_FROM = 20;

/** A list to be drawn: boxes, then lines, then nodes. */
export interface Frame {
  /** Boxes to be drawn, by place. */
  readonly boxes: readonly number[];
  readonly lines: LineList;
  /** Nodes to be drawn, by place; from the back to the front. */
  readonly nodes: Uint32Array;
  readonly counts: DrawCounts;
}

/** What {@linkcode frameOf} looks at. */
export interface Look {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly marks: Marks;
  readonly theme: SceneTheme;
  /** The picture is being moved: fewer edges are drawn. */
  readonly isMoving: boolean;
}

/**
 * Choose what to draw. Far away: groups with bundles of edges between them, the nodes as dots.
 * Closer: nodes. Closest: nodes with the edges of what is seen. The edges of what is selected or
 * pointed at are drawn at every scale.
 */
export function frameOf(look: Look): Frame {
  const { scene, camera } = look;
  const isPlain = scene.radii.length <= PLAIN_NODES && scene.edges.length / 2 <= PLAIN_EDGES;
  const level = levelOf(scene, camera);
  const isSeen = seenNodes(scene, camera);
  const nodes = inOrder(isSeen, look.marks);
  const lines = new LineList();
  const bundlesDrawn = level === 0 && !isPlain ? addBundles(look, lines) : 0;
  const plainEdges = isPlain || level === 2 ? chosenEdges(look, isSeen, isPlain) : [];
  for (const edge of plainEdges) addEdge(look, lines, edge, false);
  const marked = markedEdges(look);
  for (const edge of marked) addEdge(look, lines, edge, true);
  const counts: DrawCounts = {
    level: isPlain ? 2 : level,
    nodes: scene.radii.length,
    nodesDrawn: nodes.length,
    edges: scene.edges.length / 2,
    edgesDrawn: new Set([...plainEdges, ...marked]).size,
    bundles: scene.weights.length,
    bundlesDrawn,
  };
  return { boxes: seenBoxes(scene, camera), lines, nodes, counts };
}

function levelOf({ radii }: Scene, { scale }: Camera): 0 | 1 | 2 {
  const pixels = 2 * (radii[0] ?? 0) * scale;
  return pixels < NODES_FROM ? 0 : pixels < EDGES_FROM ? 1 : 2;
}

/** 1 for nodes that are in the window, in part at least. */
function seenNodes({ positions, radii }: Scene, { seen }: Camera): Uint8Array {
  const [left, top, right, bottom] = seen;
  const isSeen = new Uint8Array(radii.length);
  for (let node = 0; node < isSeen.length; node += 1) {
    const reach = radii[node]! * 1.5;
    const [x, y] = [positions[node * 2]!, positions[node * 2 + 1]!];
    if (x + reach < left || x - reach > right || y + reach < top || y - reach > bottom) continue;
    isSeen[node] = 1;
  }
  return isSeen;
}

/** Faint nodes behind, then the others, the marked ones in front. */
function inOrder(isSeen: Uint8Array, { faded, selected, hovered, focused }: Marks): Uint32Array {
  const front = [focused, hovered, selected].filter((node) => node >= 0 && isSeen[node] === 1);
  const order: number[] = [];
  const pass = (wanted: number) => {
    for (let node = 0; node < isSeen.length; node += 1) {
      if (isSeen[node] === 1 && (faded?.[node] ?? 0) === wanted) order.push(node);
    }
  };
  if (faded !== undefined) pass(1);
  pass(0);
  if (front.length === 0) return Uint32Array.from(order);
  const last = new Set(front);
  return Uint32Array.from([...order.filter((node) => !last.has(node)), ...last]);
}

function seenBoxes({ boxes, names }: Scene, { seen }: Camera): number[] {
  const [left, top, right, bottom] = seen;
  const found: number[] = [];
  for (const [box, name] of names.entries()) {
    if (name === "") continue;
    const [x, y] = [boxes[box * 4]!, boxes[box * 4 + 1]!];
    const [width, height] = [boxes[box * 4 + 2]!, boxes[box * 4 + 3]!];
    if (x + width >= left && x <= right && y + height >= top && y <= bottom) found.push(box);
  }
  return found;
}

function addBundles({ scene, theme, marks }: Look, lines: LineList): number {
  const { bundles, weights, boxes } = scene;
  const count = Math.min(BUNDLES_MAX, weights.length);
  const heaviest = Math.log1p(weights[0] ?? 1);
  const isFaint = marks.faded !== undefined;
  const crowd = Math.min(1, 300 / count);
  // The lightest first, so that what is heavy lies above.
  for (let at = count - 1; at >= 0; at -= 1) {
    const part = Math.log1p(weights[at]!) / heaviest;
    const colour = mix(theme.background, theme.muted, isFaint ? 0.4 : 0.5 + 0.5 * part);
    const alpha = theme.contrast ? 0.75 : (0.14 + 0.5 * crowd) * (0.35 + 0.65 * part);
    const from = centre(boxes, bundles[at * 2]!);
    const to = centre(boxes, bundles[at * 2 + 1]!);
    const width = 0.8 + 1.8 * part * part;
    lines.add([...from, ...to], [width, width], colour, isFaint ? alpha * 0.35 : alpha);
  }
  return count;
}

function centre(boxes: Float32Array, box: number): readonly [number, number] {
  const at = box * 4;
  return [boxes[at]! + boxes[at + 2]! / 2, boxes[at + 1]! + boxes[at + 3]! / 2];
}

/** Edges with an end in the window; where there are too many, those with the most connections. */
function chosenEdges(look: Look, isSeen: Uint8Array, isPlain: boolean): readonly number[] {
  const { edges, counts } = look.scene;
  const found: number[] = [];
  for (let edge = 0; edge * 2 < edges.length; edge += 1) {
    const [from, to] = [edges[edge * 2]!, edges[edge * 2 + 1]!];
    if (isPlain || isSeen[from] === 1 || isSeen[to] === 1) found.push(edge);
  }
  const most = look.isMoving ? EDGES_MOVING_MAX : EDGES_MAX;
  if (found.length <= most) return found;
  return found.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, most);
}

/** Edges of what is selected, and of what is pointed at. */
function markedEdges({ scene, marks }: Look): readonly number[] {
  const { edges } = scene;
  const { selected, hovered } = marks;
  const found: number[] = [];
  if (selected < 0 && hovered < 0) return found;
  for (let at = 0; at < edges.length && found.length < EDGES_MAX; at += 2) {
    const [from, to] = [edges[at]!, edges[at + 1]!];
    const isMarked = from === selected || to === selected || from === hovered || to === hovered;
    if (isMarked) found.push(at / 2);
  }
  return found;
}

function addEdge(look: Look, lines: LineList, edge: number, isMarked: boolean): void {
  const { scene, theme, marks } = look;
  const [from, to] = [scene.edges[edge * 2]!, scene.edges[edge * 2 + 1]!];
  const isFaint = !isMarked && marks.faded !== undefined && (marks.faded[from] || marks.faded[to]);
  const crowd = scene.edges.length > PLAIN_EDGES * 2 ? 0.55 : 0.9;
  const alpha = isFaint ? 0.12 : isMarked || theme.contrast ? 0.95 : crowd;
  const colour = edgeColour(theme, isMarked);
  const width = Math.min(4, (isMarked ? 1.6 : 1.1) + Math.log10(Math.max(1, scene.counts[edge]!)));
  const { positions, radii } = scene;
  const ends = [
    positions[from * 2]!,
    positions[from * 2 + 1]!,
    positions[to * 2]!,
    positions[to * 2 + 1]!,
  ] as const;
  lines.add(ends, [width, width], colour, alpha);
  lines.addArrow(ends, { gap: radii[to]! * 1.1, width, scale: look.camera.scale }, colour, alpha);
}

function edgeColour(theme: SceneTheme, isMarked: boolean): Rgb {
  if (isMarked) return theme.accent;
  return mix(theme.background, theme.muted, theme.contrast ? 1 : 0.62);
}
