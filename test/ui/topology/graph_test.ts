import { type FairleadGraph, FairleadGraph as Graph } from "fairlead/ui";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launch, NO_BROWSER, openPage, skipReason, type Watched } from "../support/browser.ts";
import { bundleOf } from "../support/bundle.ts";
import type { GraphTools } from "../support/graph_page.ts";
import { violationsOf } from "../support/suite.ts";

declare const graphTools: GraphTools;
declare const graph: FairleadGraph;

type Theme = "light" | "dark";

let browser: Browser;
let withGl: Browser;
let script = "";
let opened: Watched[] = [];

test("FairleadGraph has its name", () => {
  expect(Graph.tag).toBe("fairlead-graph");
});

/** A page with the element over a graph; `graph` there is the element. */
async function openGraph(
  make: "shapes" | "small" | "large",
  {
    renderer = "canvas",
    theme = "light",
    motion = "reduce",
  }: {
    renderer?: string;
    theme?: Theme;
    motion?: "reduce" | "no-preference";
  } = {},
): Promise<Page> {
  const from = renderer === "canvas" ? browser : withGl;
  const watched = await openPage(from, { colorScheme: theme, reducedMotion: motion });
  opened.push(watched);
  const { page } = watched;
  await page.setContent(
    '<!doctype html><html lang="en"><title>Graph</title><body><main><h1>Graph</h1></main></body></html>',
  );
  await page.addScriptTag({ content: script });
  await page.evaluate(
    ([make, renderer]) => {
      document.documentElement.style.colorScheme = "light dark";
      const world = { small: [6, 60, 90], large: [300, 3_000, 7_500] } as const;
      const [hosts, containers, edges] = make === "shapes" ? [0, 0, 0] : world[make];
      const data =
        make === "shapes" ? graphTools.shapes() : graphTools.worldOf({ hosts, containers, edges });
      Object.assign(globalThis, { graph: graphTools.open(data, { renderer }) });
    },
    [make, renderer] as const,
  );
  await page.waitForFunction(() => graph.shown !== undefined);
  return page;
}

const screens = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

// Two browsers, one of which computes WebGL by itself, share two cores with other tests.
const options = { timeout: 180_000, skip: NO_BROWSER !== undefined };

describe(`<fairlead-graph>${skipReason}`, options, () => {
  beforeAll(async () => {
    script = await bundleOf("test/ui/support/graph_page.ts");
    [browser, withGl] = await Promise.all([launch(), launch({ webgl: true })]);
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), withGl?.close()]);
  });

  test.each(["light", "dark"] as const)(
    "draws the same with both back ends, each node in its colour: %s",
    async (theme) => {
      const pixels = [];
      for (const renderer of ["canvas", "webgl"]) {
        const page = await openGraph("shapes", { renderer, theme });
        expect(await page.evaluate(() => graph.backend)).toBe(renderer);
        pixels.push(
          await page.evaluate(() =>
            graph.data.ids.map((id) => {
              const [x, y] = graph.placeOf(id)!;
              return graphTools.pixelOf(graph, x, y + 1);
            }),
          ),
        );
      }
      const [canvas, webgl] = pixels;
      expect(canvas!.length).toBe(12);
      for (const [node, colour] of canvas!.entries()) {
        for (const [channel, value] of colour.entries()) {
          expect(Math.abs(value - webgl![node]![channel]!)).toBeLessThan(8);
        }
      }
      expect(new Set(canvas!.map(String)).size).toBeGreaterThan(8);
    },
  );

  test("chooses Canvas 2D by itself where WebGL is computed by the processor", async () => {
    const page = await openGraph("shapes", { renderer: "auto" });
    await screens(page);
    expect(await page.evaluate(() => graph.backend)).toBe("canvas");
  });

  test("draws on with Canvas 2D when WebGL is lost", async () => {
    const page = await openGraph("shapes", { renderer: "webgl" });
    await page.evaluate(() => {
      const gl = graph.shadowRoot?.querySelector("canvas")?.getContext("webgl2");
      gl?.getExtension("WEBGL_lose_context")?.loseContext();
    });
    await page.waitForFunction(() => graph.backend === "canvas");
    const [x, y] = await page.evaluate(() => graph.placeOf("n0")!);
    const inside = await page.evaluate(([x, y]) => graphTools.pixelOf(graph, x!, y!), [x, y]);
    const outside = await page.evaluate(() => graphTools.pixelOf(graph, 5, 5));
    expect(inside).not.toEqual(outside);
  });

  test("tells which node is where one points and clicks, and nothing beside nodes", async () => {
    const page = await openGraph("small");
    await page.evaluate(() => {
      Object.assign(globalThis, { told: [] });
      for (const name of ["node-select", "node-hover"]) {
        graph.addEventListener(name, (event) => {
          const { detail } = event as CustomEvent<{ id?: string }>;
          (globalThis as unknown as { told: string[] }).told.push(`${name} ${detail.id}`);
        });
      }
    });
    const [x, y] = await page.evaluate(() => graph.placeOf("c7")!);
    expect(await page.evaluate(([x, y]) => graph.nodeAt(x!, y!), [x, y])).toBe("c7");
    expect(await page.evaluate(() => graph.nodeAt(3, 3))).toBeUndefined();
    await page.mouse.move(x, y);
    await page.mouse.click(x, y);
    await page.mouse.move(3, 3);
    await page.mouse.click(3, 3);
    expect(await page.evaluate("told")).toEqual([
      "node-hover c7",
      "node-select c7",
      "node-hover undefined",
      "node-select undefined",
    ]);
  });

  test("arranges neighbours around a selected node, and puts everything back afterwards", async () => {
    const page = await openGraph("small");
    const before = await page.evaluate(() => graph.data.ids.map((id) => graph.placeOf(id)!));
    const neighbours = await page.evaluate(() => {
      const { edges, ids } = graph.data;
      const at = ids.indexOf("c7");
      return [...edges].flatMap((node, each) => (edges[each ^ 1] === at ? [ids[node]!] : []));
    });
    expect(neighbours.length).toBeGreaterThan(1);
    await page.evaluate(() => {
      graph.selected = "c7";
    });
    await screens(page);
    const far = await page.evaluate((neighbours) => {
      const [x, y] = graph.placeOf("c7")!;
      return [...new Set(neighbours)].map((id) => {
        const [u, v] = graph.placeOf(id)!;
        return Math.hypot(u - x, v - y) / graph.camera.scale;
      });
    }, neighbours);
    for (const distance of far) expect(Math.abs(distance - far[0]!)).toBeLessThan(120);
    await page.evaluate(() => {
      graph.selected = undefined;
    });
    await screens(page);
    const after = await page.evaluate(() => graph.data.ids.map((id) => graph.placeOf(id)!));
    for (const [node, [x, y]] of after.entries()) {
      expect(Math.hypot(x - before[node]![0], y - before[node]![1])).toBeLessThan(0.1);
    }
  });

  test("keeps nodes where they are when others come and go, and redraws new fills", async () => {
    const page = await openGraph("small");
    const moved = await page.evaluate(async () => {
      const before = new Map(graph.data.ids.map((id) => [id, String(graph.placeOf(id))]));
      graph.data = graphTools.worldOf({ hosts: 6, containers: 63, edges: 90 });
      await graph.updateComplete;
      const kept = graph.data.ids.filter((id) => before.has(id));
      return kept.filter((id) => before.get(id) !== String(graph.placeOf(id))).length;
    });
    expect(moved).toBe(0);
    const [low, high] = await page.evaluate(async () => {
      const [x, y] = graph.placeOf("c3")!;
      const paint = (fill: number) => {
        graph.patchFills(Uint32Array.of(graph.data.ids.indexOf("c3")), Float32Array.of(fill));
        return graphTools.pixelOf(graph, x, y - 1);
      };
      return [paint(0), paint(1)];
    });
    expect(low).not.toEqual(high);
  });

  test("zooms with the wheel around the pointer, pans with a drag, and fits", async () => {
    const page = await openGraph("large");
    const far = await page.evaluate(() => graph.shown!);
    expect(far.level).toBe(0);
    expect(far.nodesDrawn).toBe(3_300);
    expect(far.bundlesDrawn).toBeGreaterThan(100);
    const [x, y] = await page.evaluate(() => graph.placeOf("c100")!);
    await page.mouse.move(x, y);
    for (let turn = 0; turn < 8; turn += 1) await page.mouse.wheel(0, -300);
    await page.waitForFunction(() => graph.shown?.level === 2);
    await page.waitForFunction(([x, y]) => graph.nodeAt(x, y) === "c100", [x, y] as const);
    const near = await page.evaluate(() => ({ ...graph.shown!, at: graph.placeOf("c100")! }));
    expect(near.nodesDrawn).toBeLessThan(3_300);
    expect(near.edgesDrawn).toBeGreaterThan(0);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 30, { steps: 3 });
    await page.mouse.up();
    const dragged = await page.evaluate(() => graph.placeOf("c100")!);
    expect(Math.abs(dragged[0] - near.at[0] - 60)).toBeLessThan(6);
    expect(Math.abs(dragged[1] - near.at[1] - 30)).toBeLessThan(6);
    expect(await page.evaluate(() => graph.selected)).toBeUndefined();
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.waitForFunction(() => graph.shown?.level === 0);
  });

  test("says in words how much is drawn", async () => {
    const page = await openGraph("large");
    await page.getByText(/3,300 nodes · .* of 7,500 edges · zoom in for more/).waitFor();
  });

  test("goes from node to node with the keyboard, selects, and lets go", async () => {
    const page = await openGraph("small");
    await page.getByRole("listbox").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Home");
    const option = page.getByRole("option");
    expect(await option.getAttribute("aria-posinset")).toBe("1");
    expect(await option.textContent()).toContain("api-0-0");
    await page.keyboard.press("ArrowRight");
    const next = await page.evaluate(() => graph.data.ids[graph.focused]!);
    expect(next).not.toBe("c0");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => graph.selected)).toBe(next);
    expect(await option.getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => graph.selected)).toBeUndefined();
    const before = await page.evaluate(() => graph.camera.scale);
    await page.keyboard.press("+");
    expect(await page.evaluate(() => graph.camera.scale)).toBeGreaterThan(before);
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds wrong: %s", async (theme) => {
    const page = await openGraph("small", { theme });
    expect(await violationsOf(page)).toEqual([]);
  });

  test("follows the page's scheme while it is open", async () => {
    const page = await openGraph("shapes");
    const light = await page.evaluate(() => graphTools.pixelOf(graph, 4, 4));
    await page.emulateMedia({ colorScheme: "dark" });
    await screens(page);
    const dark = await page.evaluate(() => graphTools.pixelOf(graph, 4, 4));
    expect(light).toEqual([0xf5, 0xf7, 0xf9]);
    expect(dark).toEqual([0x0d, 0x12, 0x16]);
  });

  test("moves to what is selected, and stands there at once under reduced motion", async () => {
    const page = await openGraph("small", { motion: "no-preference" });
    await page.evaluate(() => {
      graph.selected = "c9";
    });
    await page.waitForFunction(() => {
      const [x, y] = graph.placeOf("c9")!;
      return Math.hypot(x - graph.clientWidth / 2, y - graph.clientHeight / 2) < 1;
    });
    const still = await openGraph("small");
    const place = await still.evaluate(async () => {
      graph.selected = "c9";
      await graph.updateComplete;
      return graph.placeOf("c9")!;
    });
    expect(Math.hypot(place[0] - 720, place[1] - 450)).toBeLessThan(1);
  });

  test("writes what is seen as SVG and as PNG", async () => {
    const page = await openGraph("shapes");
    const { svg, errors, png } = await page.evaluate(async () => {
      const svg = graph.toSvg();
      const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
      const blob = await graph.toPng(2);
      const image = await createImageBitmap(blob!);
      const png = [image.width, image.height];
      return { svg, errors: parsed.querySelectorAll("parsererror").length, png };
    });
    expect(errors).toBe(0);
    expect(svg).toContain("<title>hexagon-2</title>");
    expect(svg).toContain(">dottedtriangle-10</text>");
    expect(png).toEqual([2_880, 1_800]);
  });

  test("lets go of everything when it is taken out, and works again when put back", async () => {
    const page = await openGraph("small");
    await page.evaluate(() => graph.remove());
    expect(await page.evaluate(() => graph.backend)).toBeUndefined();
    await page.evaluate(async () => {
      document.body.append(graph);
      graph.requestUpdate();
      await graph.updateComplete;
    });
    await page.waitForFunction(() => graph.backend === "canvas");
    expect(await page.locator("canvas").count()).toBe(2);
  });
});
