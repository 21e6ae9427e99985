import { links, parseRoute } from "fairlead/ui";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withQuery } from "../../src/ui/routes.ts";

test("links and parseRoute() are each other's inverse, whatever the ids hold", () => {
  const id = fc.string({ minLength: 1, unit: "binary" });
  fc.assert(
    fc.property(
      id,
      id,
      fc.dictionary(fc.stringMatching(/^[a-z]+$/), id),
      (first, second, query) => {
        const task = parseRoute(links.task(first, second, query));
        expect(task).toEqual({ page: "task", ids: [first, second], query });
        expect(parseRoute(links.agent(first, query))).toEqual({
          page: "agent",
          ids: [first],
          query,
        });
        expect(parseRoute(links.role(first))).toEqual({ page: "role", ids: [first], query: {} });
      },
    ),
  );
});

test.each([
  ["", "overview"],
  ["#/", "overview"],
  ["#/agents?state=active", "agents"],
  ["#/maintenance", "maintenance"],
  ["#/tasks/one", "unknown"],
  ["#/offers/one", "unknown"],
  ["#/nowhere", "unknown"],
  ["#/agents/%E0%A4%A", "agent"],
])("parseRoute(%j) is the page %s", (hash, page) => {
  expect(parseRoute(hash).page).toBe(page);
});

test("withQuery() leaves the path, and leaves out what is empty", () => {
  const hash = withQuery("#/agents/a%2Fb?tab=files", {
    tab: "",
    q: "x y",
    desc: true,
    sort: undefined,
  });
  expect(hash).toBe("#/agents/a%2Fb?q=x+y&desc=1");
});
