/**
 * A collector on Node: it takes reports, keeps their history and serves the topology API.
 *
 * @module
 */
export { type DiskHistory, type HistoryOptions, openHistory } from "./history.ts";
export {
  type ListeningCollector,
  type ListenOptions,
  listenCollector,
} from "./listen.ts";
export {
  type NatsRelay,
  type NatsRelayOptions,
  openNatsRelay,
  type RelayCounts,
} from "./nats_relay.ts";
