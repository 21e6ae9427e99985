/**
 * Vectors of the real Scope app, kept beside the repository. Where they are not there, the tests
 * that need them are skipped; `small.ts` of this folder has a report of our own for every place.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PLACES = ["../../../../shared/vectors/scope/", "../../../../../shared/vectors/scope/"];
const folder = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) =>
  existsSync(path),
);

/** The folder of the vectors, if it is there. */
export const vectors = folder;

/** A file of the vectors. */
export function vector(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(folder ?? "", name)));
}
