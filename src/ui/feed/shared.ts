import { asyncDispose } from "../../base/mod.ts";
import { ClusterFeed } from "./feed.ts";

/** A feed that several elements of a page use. */
interface Share {
  readonly feed: ClusterFeed;
  users: number;
}

const shares = new WeakMap<object, Map<string, Share>>();

/**
 * The feed of an address within a page: elements that ask for the same one share its connection,
 * of which a browser grants a page only six.
 *
 * @param owner What the feeds belong to: the document.
 * @returns the feed, and the way out; after the last one's leaving the feed is disposed.
 */
export function shareFeed(owner: object, src: string): { feed: ClusterFeed; leave: () => void } {
  const feeds = shares.get(owner) ?? new Map<string, Share>();
  shares.set(owner, feeds);
  const share = feeds.get(src) ?? { feed: new ClusterFeed({ src }), users: 0 };
  feeds.set(src, share);
  share.users += 1;
  let left = false;
  const leave = () => {
    if (left) return;
    left = true;
    share.users -= 1;
    if (share.users > 0) return;
    feeds.delete(src);
    void share.feed[asyncDispose]();
  };
  return { feed: share.feed, leave };
}
