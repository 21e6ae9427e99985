import { connect, createServer, type Socket } from "node:net";
import { TcpProxy } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const echo = createServer((socket) => {
  socket.on("error", () => {});
  socket.pipe(socket);
});
let target = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  target = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(() => echo.close());

function dial(address: string): Socket {
  const [host = "", port] = address.split(":");
  const socket = connect({ host, port: Number(port) });
  socket.on("error", () => {});
  return socket;
}

/** What comes until the connection closes or `bytes` are there. */
function read(socket: Socket, bytes: number): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk;
      if (got.length >= bytes) resolve(got);
    });
    socket.on("close", () => resolve(got));
  });
}

test("it hands on both ways, and cuts inside an answer", async () => {
  await using proxy = await TcpProxy.open(target);
  const socket = dial(proxy.address);
  socket.write("hello");
  expect(await read(socket, 5)).toBe("hello");
  proxy.cutAfter(3);
  const rest = read(socket, 99);
  socket.write("world");
  expect(await rest).toBe("wor");
});

test("a black hole takes and gives nothing until it is healed", async () => {
  await using proxy = await TcpProxy.open(target);
  proxy.blackhole();
  const socket = dial(proxy.address);
  socket.write("lost");
  const got = read(socket, 99);
  await new Promise((resolve) => setTimeout(resolve, 50));
  proxy.heal();
  expect(await got).toBe("");
  const next = dial(proxy.address);
  next.write("hello");
  expect(await read(next, 5)).toBe("hello");
  next.destroy();
});

test("it refuses, delays and sends elsewhere", async () => {
  await using proxy = await TcpProxy.open("127.0.0.1:1");
  expect(await read(dial(proxy.address), 1)).toBe("");
  proxy.retarget(target);
  proxy.delay(30);
  const startMs = performance.now();
  const socket = dial(proxy.address);
  socket.write("hello");
  expect(await read(socket, 5)).toBe("hello");
  expect(performance.now() - startMs).toBeGreaterThan(50);
  proxy.refuse();
  expect(await read(dial(proxy.address), 1)).toBe("");
  expect(proxy.connectionsCount).toBe(0);
});
