/** Requests that set, look for and remove watches. */

import { ERRORS } from "../protocol/codes.ts";
import { type Answer, NO_BODY } from "./answers.ts";
import type { ServerRequest, WatchLists } from "./requests.ts";
import type { ServerTree } from "./tree.ts";
import { EVENT_TYPES, type ServerWatches, type Watcher } from "./watches.ts";

/** Requests about watches alone. */
export type WatchRequest = Extract<
  ServerRequest,
  { readonly type: "add_watch" | "check_watches" | "remove_watches" | "set_watches" }
>;

/** Where watches stand and what they look at. */
export interface WatchContext {
  readonly tree: ServerTree;
  readonly watches: ServerWatches;
  readonly watcher: Watcher;
}

/** Answer one of them. */
export function handleWatches(context: WatchContext, request: WatchRequest): Answer {
  const { watches, watcher } = context;
  switch (request.type) {
    case "add_watch":
      watches.addPersistent(
        request.path,
        watcher,
        request.isRecursive ? "recursive" : "persistent",
      );
      // The answer is an error's record, and its number says that there is none.
      return (writer) => writer.int(0);
    case "check_watches": {
      const { path, isData, isChildren } = request;
      const isThere =
        (isData && watches.data.has(path, watcher)) ||
        (isChildren && watches.children.has(path, watcher));
      return isThere ? NO_BODY : ERRORS.noWatcher;
    }
    case "remove_watches": {
      const { path, isData, isChildren } = request;
      const ofData = isData && watches.data.remove(path, watcher);
      const ofChildren = isChildren && watches.children.remove(path, watcher);
      return ofData || ofChildren ? NO_BODY : ERRORS.noWatcher;
    }
    case "set_watches":
      setAgain(context, request.lists);
      return NO_BODY;
  }
}

/** Watches of an earlier connection: what they missed is told, the others stand again. */
function setAgain({ tree, watches, watcher }: WatchContext, lists: WatchLists): void {
  const { deleted, changed, created, children } = EVENT_TYPES;
  for (const path of lists.data) {
    const node = tree.get(path);
    if (node === undefined) watcher.notify(deleted, path);
    else if (node.facts.mzxid > lists.relativeZxid) watcher.notify(changed, path);
    else watches.data.add(path, watcher, "once");
  }
  for (const path of lists.exists) {
    if (tree.get(path) !== undefined) watcher.notify(created, path);
    else watches.data.add(path, watcher, "once");
  }
  for (const path of lists.children) {
    const node = tree.get(path);
    if (node === undefined) watcher.notify(deleted, path);
    else if (node.facts.pzxid > lists.relativeZxid) watcher.notify(children, path);
    else watches.children.add(path, watcher, "once");
  }
  for (const path of lists.persistent) watches.addPersistent(path, watcher, "persistent");
  for (const path of lists.recursive) watches.addPersistent(path, watcher, "recursive");
}
