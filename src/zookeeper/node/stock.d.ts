/** The internals of node-zookeeper-client 1.1.3 that are built on; `stock_test.ts` holds them. */
declare module "node-zookeeper-client/lib/ConnectionManager.js" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";

  interface StockOptions {
    sessionTimeout: number;
    spinDelay: number;
  }

  interface StockServer {
    host: string;
    port: number;
  }

  class ConnectionManager extends EventEmitter {
    static readonly STATES: {
      readonly DISCONNECTED: number;
      readonly CONNECTING: number;
      readonly CONNECTED: number;
      readonly CONNECTED_READ_ONLY: number;
      readonly CLOSING: number;
      readonly CLOSED: number;
      readonly SESSION_EXPIRED: number;
      readonly AUTHENTICATION_FAILED: number;
    };
    constructor(connectString: string, options: StockOptions, onState: (state: number) => void);
    servers: StockServer[];
    state: number;
    sessionTimeout: number;
    connectTimeout: number;
    pingTimeout: number;
    serverAttempts: number;
    socket: Socket | undefined;
    setState(state: number): void;
    updateTimeout(sessionTimeoutMs: number): void;
    findNextServer(found: (server: StockServer) => void): void;
    connect(): void;
    close(): void;
    onSocketConnected(): void;
    onSocketData(chunk: Uint8Array): void;
    onSocketDrain(): void;
    onSocketClosed(): void;
    onSocketError(error: Error): void;
    onSocketConnectTimeout(): void;
    onPacketQueueReadable(): void;
    cleanupPendingQueue(code: number): void;
  }
  export default ConnectionManager;
}
