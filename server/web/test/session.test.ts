import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";

import type { Channel } from "../src/door/channel.ts";
import { Refused, Session, readReply } from "../src/door/session.ts";
import { catchUp, readAgain } from "../src/door/sync.ts";
import { type Bytes, bytes } from "../src/format/bytes.ts";
import type { Encodable } from "../src/format/json.ts";
import { identityOf, makeKeys, signerOf } from "../src/keys/reader.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { RecordBroken, TrustError } from "../src/trust/errors.ts";
import { noFacts } from "../src/trust/facts.ts";
import type { Verified } from "../src/keys/store.ts";
import { looksOf } from "../src/trust/looks.ts";
import { changesOf } from "../src/trust/noted.ts";
import { begin, extend } from "../src/trust/ledger.ts";
import { FakeChannel } from "./channel.ts";
import { Door, SECRET } from "./door.ts";

const seed = new Uint8Array(32).fill(3);
function session(channel: FakeChannel): Session {
  const { roster } = begin(channel.door.lines[0] ?? SECRET);
  return new Session(channel as unknown as Channel, roster, bytes(ed25519.getPublicKey(seed)), (message) =>
    Promise.resolve(bytes(ed25519.sign(message, seed))),
  );
}

test("each command carries the nonce of the reply before it, and no two the same", async () => {
  const channel = new FakeChannel(new Door());
  const asking = session(channel);
  await Promise.all([1, 2, 3].map(() => asking.ask({ type: "head" }, () => channel.door.head)));
  assert.equal(new Set(channel.commands.map(({ nonce }) => nonce)).size, 3);
});

const lies: Readonly<Record<string, (payload: Record<string, Encodable>) => Record<string, Encodable>>> = {
  "another door": (payload) => ({ ...payload, door: new Uint8Array(32) }),
  "another command": (payload) => ({ ...payload, command: new Uint8Array(32) }),
  "another question's answer": (payload) => ({ ...payload, body: { type: "watching" } }),
  "an unknown form": (payload) => ({ ...payload, more: true }),
  "an older head": (payload) => ({ ...payload, head: { seq: 0, hash: new Uint8Array(32) } }),
  "a forked head": (payload) => ({ ...payload, head: { seq: 1, hash: new Uint8Array(32) } }),
};
for (const [what, lie] of Object.entries(lies))
  test(`a reply for ${what} does not count`, async () => {
    const channel = new FakeChannel(new Door());
    channel.door.add({ type: "epoch", epoch: 1, sha256: new Uint8Array(32) });
    channel.tamper = lie;
    await assert.rejects(
      session(channel).ask({ type: "head" }, () => channel.door.head),
      TrustError,
    );
  });

test("a reply signed by anybody else does not count", async () => {
  const door = new Door();
  const reply = await door.signed("reply", {});
  reply[0] = (reply[0] ?? 0) ^ 1;
  await assert.rejects(readReply(reply, SECRET, door.head, { door: door.id, device: door.device }), /does not fit/);
});

test("a signed refusal is told apart from an unsigned one, and a history that the door denies is an alarm", async () => {
  const channel = new FakeChannel(new Door());
  channel.answer = () => ({ type: "refused", code: "no_such_clip", sentence: "gone" });
  await assert.rejects(
    session(channel).ask({ type: "clip", clip: 1 }, () => channel.door.head),
    (error) => error instanceof Refused && error.signed,
  );
  channel.answer = () => ({ type: "refused", code: "unknown_head", sentence: "no" });
  await assert.rejects(
    session(channel).ask({ type: "head" }, () => channel.door.head),
    RecordBroken,
  );
});

/** A door with a reader and what answers for it; lines are given two at a time. */
async function joined(): Promise<{ door: Door; asking: Session; known: Verified; epochs: Epochs; sign: Bytes }> {
  const door = new Door();
  const channel = new FakeChannel(door);
  const keys = await makeKeys({ curve: "X25519", native: false });
  const known = { chain: begin(door.lines[0] ?? SECRET), facts: noFacts() };
  await door.addReader("This phone", keys.sign, keys.recipient);
  await door.beginEpoch(keys.recipient);
  channel.answer = ({ body: { type, from = 0 } }) =>
    type === "epochs"
      ? { type: "epochs", epochs: [{ epoch: 1, file: door.epochFile }], more: false }
      : { type: "ledger", from, lines: door.lines.slice(from, from + 2), more: from + 2 < door.lines.length };
  const asking = new Session(channel as unknown as Channel, known.chain.roster, keys.sign, signerOf(keys));
  return { door, asking, known, epochs: new Epochs(identityOf(keys)), sign: keys.sign };
}

const stopped = (minute: number): Encodable => ({ type: "stopped", at_utc: `2026-11-23T12:0${minute}:00Z` });

test("reading everything again has to pass through the head that is remembered", async () => {
  const { door, asking, known, epochs, sign } = await joined();
  const before = door.lines.length;
  door.add(null, stopped(1));
  const { verified } = await catchUp(asking, sign, known, epochs);
  door.add(null, stopped(2));
  const born = door.lines[0] ?? SECRET;
  assert.deepEqual((await readAgain(asking, born, verified, epochs)).chain.head, door.head);
  // The device's own key, another past: every line holds, and it is longer than the one that was seen.
  door.lines.length = before;
  for (const minute of [3, 4, 5]) door.add(null, stopped(minute));
  await assert.rejects(readAgain(asking, born, verified, epochs), RecordBroken);
  door.lines.length = before;
  await assert.rejects(readAgain(asking, born, verified, epochs), RecordBroken, "a shorter one");
});

test("a key that is sealed to others in this reader's place, or to more than belong, is an alarm", async () => {
  const stranger = await identityToRecipient(await generateHybridIdentity());
  for (const haunt of [
    async (door: Door) => door.beginEpoch(stranger),
    async (door: Door, recipient: string) => door.beginEpoch(recipient, stranger),
  ]) {
    const { door, asking, known, epochs, sign } = await joined();
    const recipient = (await verifiedReaders(door))[0] ?? "";
    door.lines.pop();
    await haunt(door, recipient);
    await assert.rejects(catchUp(asking, sign, known, epochs), RecordBroken);
  }
});

async function verifiedReaders(door: Door): Promise<readonly string[]> {
  let chain = begin(door.lines[0] ?? SECRET);
  for (const line of door.lines.slice(1)) chain = (await extend(chain, line)).chain;
  return chain.roster.readers.map(({ recipient }) => recipient);
}

test("a line that is sealed to others than belong at it is an alarm: it would be silent", async () => {
  const { door, asking, known, epochs, sign } = await joined();
  const at_utc = "2026-11-23T12:02:00Z";
  door.add(null, { type: "clip_handed_out", at_utc, clip: 1, reader: sign }, 7);
  await assert.rejects(catchUp(asking, sign, known, epochs), RecordBroken);
});

test("catching up takes pages, keys and private lines in as one step", async () => {
  const door = new Door();
  const channel = new FakeChannel(door);
  const keys = await makeKeys({ curve: "X25519", native: false });
  const known = { chain: begin(door.lines[0] ?? SECRET), facts: noFacts() };
  await door.addReader("This phone", keys.sign, keys.recipient);
  await door.beginEpoch(keys.recipient);
  door.add(null, {
    type: "clip_begun",
    at_utc: "2026-11-23T12:01:00Z",
    clip: 1,
    trigger: "ring",
    header_sha256: new Uint8Array(32),
    roster_seq: 1,
    left_out: [],
  });
  door.add(null, {
    type: "clip_begun",
    at_utc: "2026-11-23T12:01:30Z",
    clip: 2,
    trigger: "ring",
    header_sha256: new Uint8Array(32),
    roster_seq: 0,
    left_out: [],
  });
  door.add(null, { type: "clip_handed_out", at_utc: "2026-11-23T12:02:00Z", clip: 1, reader: keys.sign });
  channel.answer = ({ body: { type, from = 0 } }) =>
    type === "epochs"
      ? { type: "epochs", epochs: [{ epoch: 1, file: door.epochFile }], more: false }
      : { type: "ledger", from, lines: door.lines.slice(from, from + 2), more: from + 2 < door.lines.length };
  const { roster } = known.chain;
  const asking = new Session(channel as unknown as Channel, roster, keys.sign, signerOf(keys));
  const { verified, files } = await catchUp(asking, keys.sign, known, new Epochs(identityOf(keys)));
  assert.deepEqual(verified.chain.head, door.head);
  assert.equal(verified.facts.clips.get(1)?.begun?.trigger, "ring");
  assert.equal(verified.facts.clips.get(1)?.stale, false);
  assert.equal(verified.facts.clips.get(2)?.stale, true, "it names the household before this reader joined");
  assert.deepEqual(
    changesOf(verified.facts.changes).map(({ noted }) => noted.kind),
    ["household"],
  );
  assert.deepEqual(
    looksOf(verified.facts.looks).map(({ look: { kind, seq } }) => [kind, seq]),
    [["opened", door.head.seq]],
  );
  assert.deepEqual([...files.keys()], [1]);
  assert.equal(known.facts.clips.size, 0);

  door.lines.pop();
  await assert.rejects(catchUp(asking, keys.sign, verified, new Epochs(identityOf(keys))), RecordBroken);
});
