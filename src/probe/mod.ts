/**
 * What one host sees of itself: its processes, connections and containers, as reports.
 *
 * @module
 */
export {};
