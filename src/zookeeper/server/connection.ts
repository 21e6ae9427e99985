import type { JuteWriter } from "../jute/writer.ts";
import { XIDS } from "../protocol/opcodes.ts";
import type { AuthId } from "./acl.ts";
import type { ServerSession } from "./sessions.ts";
import type { Watcher } from "./watches.ts";

/** The state that events tell: the client is connected. */
const CONNECTED = 3;

/** The shell's end of a connection. */
export interface Outlet {
  /** Packets for the client, in order. */
  readonly writer: JuteWriter;
  /** Something was written of the core's own accord. */
  wake(): void;
  /** The session is over or has moved: send what is written, then close. */
  end(): void;
}

/** A connection as the core knows it. */
export class CoreConnection implements Watcher {
  readonly outlet: Outlet;
  identities: readonly AuthId[];
  session: ServerSession | undefined;

  /** @param address The client's, for ACLs of the scheme ip. */
  constructor(outlet: Outlet, address: string) {
    this.outlet = outlet;
    this.identities = [{ scheme: "ip", id: address }];
  }

  /** Another proof; one that is known already adds nothing. */
  prove(identity: AuthId): void {
    const isSame = ({ scheme, id }: AuthId) => scheme === identity.scheme && id === identity.id;
    if (!this.identities.some(isSame)) this.identities = [...this.identities, identity];
  }

  notify(type: number, path: string): void {
    const { writer } = this.outlet;
    const start = writer.begin();
    writer.int(XIDS.notification);
    writer.long(-1n);
    writer.int(0);
    writer.int(type);
    writer.int(CONNECTED);
    writer.text(path);
    writer.end(start);
    this.outlet.wake();
  }
}
