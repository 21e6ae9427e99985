/**
 * The reporters that read this machine, and the probe that publishes what they see.
 *
 * @module
 */
export {};
