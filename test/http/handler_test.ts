import { compose, type Middleware } from "fairlead/http";
import { expect, test } from "vitest";

test("compose() puts the first middleware outermost", async () => {
  const seen: string[] = [];
  const mark = (name: string): Middleware => {
    return (next) => async (request) => {
      seen.push(name);
      return next(request);
    };
  };
  const handler = compose([mark("outer"), mark("inner")], () => new Response("done"));
  const response = await handler(new Request("http://localhost/"));
  expect([...seen, await response.text()]).toEqual(["outer", "inner", "done"]);
});
