/** Certificates of an authority, a server and a client, made by openssl. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM of each; undefined where openssl is absent: tests that need it say that they are skipped. */
export function makeCertificates() {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-tls-"));
  const file = (name: string) => join(folder, name);
  const make = (name: string, ...more: string[]) => {
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", file(`${name}.key`)];
    const out = ["-subj", `/CN=${name}`, "-out", file(`${name}.pem`), "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...key, ...out, ...more], { stdio: "ignore" });
    return { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) };
  };
  const signed = () => ["-CA", file("ca.pem"), "-CAkey", file("ca.key")];
  const local = ["-addext", "subjectAltName=IP:127.0.0.1"];
  try {
    const { cert: ca } = make("ca");
    const server = make("server", ...signed(), ...local);
    return { ca, server, client: make("client", ...signed()) };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
