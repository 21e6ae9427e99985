/** Frames of a link: lists of messages in msgpack. */
import { Packr } from "msgpackr";
import { FairleadError } from "../../base/mod.ts";
import { type AgentMessage, type MasterMessage, readAgentMessages } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";

/** What an agent says of itself is kept in the registry, whose nodes are bounded. */
const AGENT_INFO_CHARS_MAX = 256 * 1_024;

const packr = /* @__PURE__ */ new Packr({ useRecords: false, int64AsType: "number" });

export function packFrame(messages: readonly MasterMessage[]): Uint8Array {
  return packr.pack(messages);
}

/**
 * Read an agent's frame. What comes out cannot make a core throw, whoever sent it.
 *
 * @throws {FairleadError} `invalid_frame`.
 */
export function unpackFrame(frame: Uint8Array): AgentMessage[] {
  const messages = readAgentMessages(unpack(frame));
  for (const message of messages) check(message);
  return messages;
}

function unpack(frame: Uint8Array): unknown {
  try {
    return packr.unpack(frame);
  } catch (cause) {
    throw new FairleadError("invalid_frame", "Cannot read a frame: it is no msgpack", { cause });
  }
}

function check(message: AgentMessage): void {
  switch (message.type) {
    case "register":
    case "reregister":
      if (JSON.stringify(message.agent_info).length > AGENT_INFO_CHARS_MAX) {
        throw new FairleadError(
          "invalid_frame",
          `Cannot read a frame: agent_info: it must have at most ${AGENT_INFO_CHARS_MAX} characters`,
          { details: { field: "agent_info" } },
        );
      }
      break;
    case "resources":
    case "operation_update":
      // The core takes these as they are.
      Resources.fromJson(message.resources ?? []);
  }
}
