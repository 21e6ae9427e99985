import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ServerAddress, TlsOptions } from "./options.ts";

/** Open a socket, with or without TLS; `ready` is called when it can be written to. */
export function dial(
  { host, port }: ServerAddress,
  tls: boolean | TlsOptions,
  ready: () => void,
): Socket {
  if (tls === false) return connectTcp({ host, port }, ready);
  const { serverName, ...keys } = tls === true ? {} : tls;
  const given = Object.entries(keys).filter(([, value]) => value !== undefined);
  // No name is asked for where there is only an address.
  const isName = !/^[\d.]+$|:/.test(host);
  const servername = serverName ?? (isName ? host : undefined);
  return connectTls(
    {
      ...Object.fromEntries(given.map(([key, value]) => [key, pem(value)])),
      host,
      port,
      ...(servername === undefined ? {} : { servername }),
    },
    ready,
  );
}

function pem(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
