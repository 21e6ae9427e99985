/** A media type and its parameters, names in lower case. */
export interface MediaType {
  /** "application/json". */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(?=;|$)`);
const PARAMETER = new RegExp(
  `;\\s*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?\\s*`,
  "y",
);
/** Headers are limited by the server; this bounds what one of them costs. */
const RANGES_MAX = 100;

/** Read a Content-Type; undefined when it is none. */
export function parseMediaType(header: string): MediaType | undefined {
  const type = TYPE.exec(header);
  if (type?.[1] === undefined) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = type[0].length;
  while (PARAMETER.lastIndex < header.length) {
    const found = PARAMETER.exec(header);
    if (found === null) return undefined;
    const [, name, token, quoted] = found;
    const value = token ?? quoted?.replaceAll(/\\(.)/g, "$1");
    if (name === undefined || value === undefined) continue;
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return { type: type[1].toLowerCase(), parameters };
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * Which of the types on offer an Accept header likes best; undefined when it takes none.
 *
 * No header, and one that says nothing, takes anything. Of types liked equally the first on offer
 * wins. The most specific range decides about a type; named twice, the better quality counts.
 * Parameters other than `q` do not matter.
 */
export function negotiate(accept: string | null, offers: readonly string[]): string | undefined {
  if (accept === null || accept === offers[0]) return offers[0];
  const ranges = parseAccept(accept);
  if (ranges.length === 0) return offers[0];
  let best: string | undefined;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality <= bestQuality) continue;
    best = offer;
    bestQuality = quality;
  }
  return best;
}

function qualityOf(offer: string, ranges: readonly Range[]): number {
  const [main] = offer.split("/", 1);
  for (const wanted of [offer, `${main}/*`, "*/*"]) {
    const named = ranges.filter(({ type }) => type === wanted);
    if (named.length > 0) return Math.max(...named.map(({ quality }) => quality));
  }
  return 0;
}

function parseAccept(accept: string): Range[] {
  const ranges: Range[] = [];
  for (const part of accept.split(",", RANGES_MAX)) {
    const [name = "", ...parameters] = part.split(";");
    const type = name.trim().toLowerCase();
    if (type === "") continue;
    ranges.push({ type: type === "*" ? "*/*" : type, quality: qOf(parameters) });
  }
  return ranges;
}

function qOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const q = /^\s*q\s*=\s*([01](?:\.\d*)?)\s*$/i.exec(parameter)?.[1];
    if (q !== undefined) return Math.min(Number(q), 1);
  }
  return 1;
}
