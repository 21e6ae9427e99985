/**
 * The collector: it takes reports, keeps their history and serves the topology API.
 *
 * @module
 */
export {};
