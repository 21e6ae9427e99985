import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { parseFibTrie, parseIfInet6 } from "../../../src/probe/proc/addresses.ts";

describe("parseFibTrie()", () => {
  test("gives this machine's own IPv4 addresses", () => {
    const own = Object.values(networkInterfaces()).flatMap((found = []) =>
      found.filter(({ family, internal }) => family === "IPv4" && !internal),
    );
    const expected = [...new Set(own.map(({ address }) => address))].sort();
    expect(parseFibTrie(readFileSync("/proc/net/fib_trie", "utf8"))).toEqual(expected);
  });

  test("leaves out networks, broadcasts and loopback", () => {
    const text = [
      "     |-- 10.88.0.0",
      "        /16 link UNICAST",
      "     |-- 10.88.0.5",
      "        /32 host LOCAL",
      "     |-- 127.0.0.1",
      "        /32 host LOCAL",
      "     |-- 10.88.255.255",
      "        /32 link BROADCAST",
    ].join("\n");
    expect(parseFibTrie(text)).toEqual(["10.88.0.5"]);
  });
});

describe("parseIfInet6()", () => {
  test("leaves out loopback and link-local addresses", () => {
    const text = [
      "00000000000000000000000000000001 01 80 10 80       lo",
      "fd000000000000000000000000000002 04 40 00 82     eth0",
      "fe8000000000000000fc00fffe000001 04 40 20 80     eth0",
      "noise",
    ].join("\n");
    expect(parseIfInet6(text)).toEqual(["fd00::2"]);
  });
});
