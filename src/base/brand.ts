declare const brand: unique symbol;

/**
 * A `T` that carries a name in its type, so that an id of one kind is never passed for another.
 *
 * There is nothing at run time: the value is made where it enters, by one cast in a reader.
 *
 * @example
 * ```ts
 * import type { Brand } from "fairlead/base";
 *
 * type AgentId = Brand<string, "AgentId">;
 * const id = "agent-7" as AgentId;
 * ```
 */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
