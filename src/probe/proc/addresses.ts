/** A network namespace's own addresses, as `/proc/PID/net` has them. */
import { canonicalIp } from "./socket_table.ts";

/** The local IPv4 addresses out of `fib_trie`, without loopback; each once, sorted. */
export function parseFibTrie(text: string): string[] {
  const found = new Set<string>();
  let candidate = "";
  for (const line of text.split("\n")) {
    const [, ip] = /\|--\s+(\d+\.\d+\.\d+\.\d+)\s*$/.exec(line) ?? [];
    if (ip !== undefined) candidate = ip;
    else if (/\/32 host LOCAL/.test(line) && !candidate.startsWith("127.")) found.add(candidate);
  }
  found.delete("");
  return [...found].sort();
}

const LOOPBACK = "lo";
const LINK_SCOPE = 0x20;

/** The IPv6 addresses out of `if_inet6`, without loopback and link-local ones; sorted. */
export function parseIfInet6(text: string): string[] {
  const found = new Set<string>();
  for (const line of text.split("\n")) {
    const [hex = "", , , scope = "", , device] = line.trim().split(/\s+/);
    if (!/^[0-9a-f]{32}$/.test(hex) || device === LOOPBACK) continue;
    if (Number.parseInt(scope, 16) === LINK_SCOPE) continue;
    const ip = canonicalIp((hex.match(/.{4}/g) ?? []).join(":"));
    if (ip !== undefined) found.add(ip);
  }
  return [...found].sort();
}
