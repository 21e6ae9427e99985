import { JuteReader, JuteWriter } from "fairlead/zookeeper";
import { expect, test } from "vitest";

test("null and empty are kept apart; a null text is read as empty", () => {
  const writer = new JuteWriter();
  writer.buffer(null);
  writer.buffer(new Uint8Array(0));
  writer.text(null);
  const reader = new JuteReader(writer.take());
  expect(reader.buffer()).toBeNull();
  expect(reader.buffer()).toEqual(new Uint8Array(0));
  expect(reader.text()).toBe("");
});

test("truncate() takes back, take() gives a copy and begins anew", () => {
  const writer = new JuteWriter(2);
  writer.int(1);
  writer.int(2);
  writer.truncate(4);
  expect(writer.length).toBe(4);
  const first = writer.take();
  expect(writer.length).toBe(0);
  writer.int(3);
  expect([...first]).toEqual([0, 0, 0, 1]);
  expect([...writer.take()]).toEqual([0, 0, 0, 3]);
});

test("a packet's length is put in front when it ends, however much the buffer grew", () => {
  const writer = new JuteWriter(1);
  const start = writer.begin();
  writer.raw(new Uint8Array(100_000));
  writer.text("\u{1f600}");
  writer.end(start);
  const reader = new JuteReader(writer.take());
  expect(reader.int()).toBe(100_008);
  expect(reader.rest().length).toBe(100_008);
});

test("take() hands over what is large, and the writer goes on with a buffer of its own", () => {
  const writer = new JuteWriter();
  writer.raw(new Uint8Array(1_000_000).fill(1));
  const large = writer.take();
  expect(writer.length).toBe(0);
  writer.raw(new Uint8Array(100).fill(2));
  const small = writer.take();
  expect(large).toEqual(new Uint8Array(1_000_000).fill(1));
  expect(small).toEqual(new Uint8Array(100).fill(2));
  expect(small.buffer.byteLength).toBe(100);
});
