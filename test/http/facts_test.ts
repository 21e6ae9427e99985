import { peerOf, principalOf, readBody, setBodySource, setPeer, setPrincipal } from "fairlead/http";
import { expect, test } from "vitest";

test("what is known of a request goes with that request", () => {
  const request = new Request("http://localhost/");
  expect([principalOf(request), peerOf(request)]).toEqual([undefined, undefined]);
  setPrincipal(request, "ops");
  setPeer(request, "127.0.0.1");
  expect([principalOf(request), peerOf(request)]).toEqual(["ops", "127.0.0.1"]);
  expect(principalOf(new Request("http://localhost/"))).toBe(undefined);
});

test("a body source is read instead of the stream, and told the limit", async () => {
  const request = new Request("http://localhost/", { method: "POST", body: "stream" });
  setBodySource(request, async ({ bytesMax }) => Uint8Array.of(bytesMax));
  expect(await readBody(request, { bytesMax: 7 })).toEqual(Uint8Array.of(7));
});
