/**
 * A collector on Node: it takes reports, keeps their history and serves the topology API.
 *
 * @module
 */
export {
  type ListeningCollector,
  type ListenOptions,
  listenCollector,
} from "./listen.ts";
