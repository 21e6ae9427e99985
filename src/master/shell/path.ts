/**
 * The path of a request, as routes name it: Mesos serves all of its paths below "/master" as well,
 * and clients add slashes.
 */
export function pathOf({ url }: Request): string {
  const from = url.indexOf("/", url.indexOf("://") + 3);
  if (from < 0) return "/";
  const to = url.slice(from).search(/[?#]/);
  const path = to < 0 ? url.slice(from) : url.slice(from, from + to);
  const short = path.startsWith("/master/") ? path.slice("/master".length) : path;
  return short.length > 1 && short.endsWith("/") ? short.slice(0, -1) : short;
}
