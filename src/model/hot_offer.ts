/** Offers, read by hand: see hot_pieces.ts. */
import {
  cold,
  fieldsOf,
  hotAllocation,
  hotDouble,
  hotId,
  hotInteger,
  hotList,
  hotResource,
  hotString,
} from "./hot_pieces.ts";
import type { Offer } from "./offers.ts";
import { Attribute } from "./resource_json.ts";
import { type Address, DomainInfo, Unavailability, URLInfo } from "./values.ts";

export function hotOffer(value: unknown): Offer {
  const from = fieldsOf(value);
  const offer: Offer = {
    id: hotId(from.id),
    framework_id: hotId(from.framework_id),
    agent_id: hotId(from.agent_id),
    hostname: hotString(from.hostname),
  };
  if (from.url != null) offer.url = hotUrl(from.url);
  if (from.domain != null) offer.domain = cold(DomainInfo, from.domain);
  if (from.resources != null) offer.resources = hotList(from.resources, hotResource);
  if (from.attributes != null) offer.attributes = hotList(from.attributes, hotAttribute);
  if (from.executor_ids != null) offer.executor_ids = hotList(from.executor_ids, hotId);
  if (from.unavailability != null) {
    offer.unavailability = cold(Unavailability, from.unavailability);
  }
  if (from.allocation_info != null) offer.allocation_info = hotAllocation(from.allocation_info);
  return offer;
}

function hotUrl(value: unknown): URLInfo {
  const from = fieldsOf(value);
  if (from.query != null) return cold(URLInfo, value);
  const url: URLInfo = { scheme: hotString(from.scheme), address: hotAddress(from.address) };
  if (from.path != null) url.path = hotString(from.path);
  if (from.fragment != null) url.fragment = hotString(from.fragment);
  return url;
}

function hotAddress(value: unknown): Address {
  const from = fieldsOf(value);
  const address: Address = { port: hotInteger(from.port, 0, 65_535) };
  if (from.hostname != null) address.hostname = hotString(from.hostname);
  if (from.ip != null) address.ip = hotString(from.ip);
  return address;
}

function hotAttribute(value: unknown): Attribute {
  const from = fieldsOf(value);
  const { type } = from;
  if (type !== "TEXT" && type !== "SCALAR") return cold(Attribute, value);
  if (from.ranges != null || from.set != null) return cold(Attribute, value);
  const attribute: Attribute = { name: hotString(from.name), type };
  if (from.scalar != null) attribute.scalar = { value: hotDouble(fieldsOf(from.scalar).value) };
  if (from.text != null) attribute.text = { value: hotString(fieldsOf(from.text).value) };
  return attribute;
}
