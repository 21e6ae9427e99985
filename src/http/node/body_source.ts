import type { IncomingMessage } from "node:http";
import type { BodySource } from "../mod.ts";
import { Pieces } from "../pieces.ts";

/** Read a body straight from the socket's parser: a tenth of what its web stream costs. */
export function bodySourceOf(incoming: IncomingMessage): BodySource {
  return ({ bytesMax, tooLarge, onStart }) =>
    new Promise((resolve, reject) => {
      const pieces = new Pieces(bytesMax);
      const onData = (chunk: Buffer) => {
        if (!pieces.add(chunk)) fail(tooLarge());
      };
      const onEnd = () => {
        stop();
        resolve(pieces.whole());
      };
      const onError = (error: Error) => fail(error);
      const onClose = () => fail(new Error("the client went away"));
      const stop = () => {
        incoming.off("data", onData);
        incoming.off("end", onEnd);
        incoming.off("error", onError);
        incoming.off("close", onClose);
      };
      const fail = (reason: unknown) => {
        stop();
        incoming.pause();
        pieces.clear();
        reject(reason);
      };
      if (incoming.readableEnded) return reject(new Error("it was read before"));
      if (incoming.destroyed) return reject(new Error("the client went away"));
      incoming.on("data", onData);
      incoming.on("end", onEnd);
      incoming.on("error", onError);
      incoming.on("close", onClose);
      onStart(fail);
    });
}
