import { createServer, type RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { ContainerEngine } from "../../../../src/probe/node/docker/engine.ts";

let count = 0;

async function serve(answer: RequestListener) {
  count += 1;
  const path = `/tmp/fairlead-engine-test-${process.pid}-${count}.sock`;
  const server = createServer(answer);
  server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello");
    socket.on("data", (bytes) => socket.end(`you said ${bytes}`));
  });
  await new Promise<void>((done) => server.listen(path, done));
  return {
    engine: new ContainerEngine(path),
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("ContainerEngine", () => {
  test("sends query and body, and reads JSON or nothing", async () => {
    using served = await serve(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      if (request.method === "DELETE") response.statusCode = 204;
      response.end(request.method === "DELETE" ? "" : JSON.stringify([request.url, text]));
    });
    const ask = { method: "POST", path: "/x", query: { a: 1 }, body: { b: 2 } } as const;
    expect(await served.engine.json(ask)).toEqual(["/x?a=1", '{"b":2}']);
    expect(await served.engine.json({ method: "DELETE", path: "/x" })).toBeUndefined();
  });

  test("tells a refusal in the engine's own words, with its status", async () => {
    using served = await serve((_request, response) => {
      response.statusCode = 409;
      response.end('{"message":"it is running"}');
    });
    await expect(served.engine.json({ path: "/x" })).rejects.toMatchObject({
      code: "engine_failed",
      message: "Cannot GET /x of the engine: it is running",
      details: { status: 409 },
    });
  });

  test("gives up on a silent engine when its time is over", async () => {
    using served = await serve(() => {});
    await expect(served.engine.json({ path: "/x", timeoutMs: 50 })).rejects.toThrow(
      "nothing came for 50 ms",
    );
  });

  test("takes a connection over, with what came already", async () => {
    using served = await serve(() => {});
    const { socket, head } = await served.engine.upgrade({ method: "POST", path: "/x" });
    expect(head.toString()).toBe("hello");
    socket.write("hi");
    const chunks: string[] = [];
    for await (const chunk of socket) chunks.push(String(chunk));
    expect(chunks.join("")).toBe("you said hi");
  });
});
