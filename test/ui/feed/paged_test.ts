import { expect, test } from "vitest";
import { PagedRows, type PageOf } from "../../../src/ui/feed/paged.ts";

/** A server's list of numbers, of which pages are asked. */
function listOf(total: number) {
  const state = { total, asked: [] as number[], aborted: 0, fails: false, changes: 0 };
  const rows = new PagedRows<number>(
    async ({ offset, limit }, signal): Promise<PageOf<number>> => {
      state.asked.push(offset);
      signal.addEventListener("abort", () => {
        state.aborted += 1;
      });
      await Promise.resolve();
      if (state.fails) throw new Error("away");
      const length = Math.max(0, Math.min(limit, state.total - offset));
      return { total: state.total, rows: Array.from({ length }, (_, at) => offset + at) };
    },
    () => {
      state.changes += 1;
    },
  );
  return { rows, state };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("PagedRows loads the pages that are looked at, and each once", async () => {
  const { rows, state } = listOf(5_000);
  rows.reset();
  await settle();
  rows.want(390, 410);
  rows.want(390, 412);
  await settle();
  expect(state.asked).toEqual([0, 200, 400]);
  expect([rows.length, rows.at(0), rows.at(399), rows.at(400), rows.at(4_000)]).toEqual([
    5_000,
    0,
    399,
    400,
    undefined,
  ]);
});

test("PagedRows gives up pages that were scrolled past", async () => {
  const { rows, state } = listOf(100_000);
  rows.reset();
  await settle();
  rows.want(50_000, 50_040);
  rows.want(90_000, 90_040);
  await settle();
  expect(state.aborted).toBe(1);
  expect(rows.at(50_000)).toBeUndefined();
  expect(rows.at(90_000)).toBe(90_000);
});

test("PagedRows holds a bounded number of pages, those looked at last", async () => {
  const { rows, state } = listOf(100_000);
  rows.reset();
  for (let page = 0; page < 60; page += 1) {
    rows.want(page * 200, page * 200 + 40);
    await settle();
  }
  expect(rows.at(0)).toBeUndefined();
  expect(rows.at(30 * 200)).toBe(6_000);
  const before = state.asked.length;
  rows.want(59 * 200, 59 * 200 + 40);
  await settle();
  expect(state.asked.length).toBe(before);
});

test("PagedRows refreshes what is looked at and forgets the rest", async () => {
  const { rows, state } = listOf(1_000);
  rows.reset();
  await settle();
  rows.want(400, 440);
  await settle();
  state.total = 900;
  rows.refresh();
  expect(rows.at(400)).toBe(400);
  await settle();
  expect([rows.length, rows.at(0)]).toEqual([900, undefined]);
});

test("PagedRows keeps its rows over a failure, and says why", async () => {
  const { rows, state } = listOf(300);
  rows.reset();
  await settle();
  state.fails = true;
  rows.refresh();
  await settle();
  expect([rows.at(5), rows.error?.message]).toEqual([5, "away"]);
  state.fails = false;
  rows.refresh();
  await settle();
  expect(rows.error).toBeUndefined();
});

test("PagedRows ends with what is under way unheard", async () => {
  const { rows, state } = listOf(300);
  rows.reset();
  rows.close();
  await settle();
  expect([state.changes, rows.total]).toEqual([0, undefined]);
});
