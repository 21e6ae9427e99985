import { cors } from "fairlead/http";
import { describe, expect, test } from "vitest";

const page = "https://console.example";
const handler = () => new Response("ok", { headers: { vary: "accept" } });

function ask(method: string, headers: Record<string, string>) {
  return new Request("http://localhost/", { method, headers });
}

describe("cors()", () => {
  const around = cors({ origins: [page], maxAgeMs: 5_000 })(handler);

  test("answers a preflight of a page that may call", async () => {
    const asked = ask("OPTIONS", { origin: page, "access-control-request-method": "POST" });
    const response = await around(asked);
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toEqual({
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, content-type, accept",
      "access-control-max-age": "5",
      vary: "origin",
    });
  });

  test("refuses a preflight of another page, and passes other OPTIONS on", async () => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    expect((await around(ask("OPTIONS", headers))).status).toBe(403);
    expect((await around(ask("OPTIONS", { origin: page }))).status).toBe(200);
  });

  test("marks answers for pages that may call, and no others", async () => {
    const marked = await around(ask("GET", { origin: page }));
    expect(marked.headers.get("access-control-allow-origin")).toBe(page);
    expect(marked.headers.get("access-control-expose-headers")).toBe("Mesos-Stream-Id");
    expect(marked.headers.get("vary")).toBe("accept, origin");
    const other = await around(ask("GET", { origin: "https://evil.example" }));
    expect(other.headers.has("access-control-allow-origin")).toBe(false);
    expect((await around(ask("GET", {}))).headers.has("access-control-allow-origin")).toBe(false);
  });

  test("can let any page in, also by answers whose headers are fixed", async () => {
    const anyone = cors({ origins: "*" })(() => Response.redirect("http://localhost/a", 307));
    const response = await anyone(ask("GET", { origin: page }));
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe("http://localhost/a");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });
});
