import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Channel } from "../src/door/channel.ts";
import { Unreachable } from "../src/format/unreachable.ts";
import { type Notebook, OtherDoor, admit, prepare, recognise, standing } from "../src/door/pairing.ts";
import { Refused } from "../src/door/session.ts";
import { type Bytes, bytes, fromBase64, sha256, text, toBase64 } from "../src/format/bytes.ts";
import { parse } from "../src/format/json.ts";
import { admission } from "../src/format/household.ts";
import type { Keys } from "../src/keys/reader.ts";
import { type Joining, NotKept } from "../src/keys/store.ts";
import { RecordBroken } from "../src/trust/errors.ts";
import { sign } from "../src/trust/signed.ts";
import { type Command, FakeChannel } from "./channel.ts";
import { Door, SECRET, signer } from "./door.ts";

/** What a browser keeps, as a copy, and what is asked of it in which order. */
class Shelf implements Notebook {
  kept: Joining | null = null;
  full = false;
  joining(): Promise<Joining | null> {
    return Promise.resolve(this.kept && structuredClone(this.kept));
  }
  keepJoining(joining: Joining): Promise<void> {
    if (this.full) return Promise.reject(new NotKept("the disk is full"));
    this.kept = structuredClone(joining);
    return Promise.resolve();
  }
  roundTrip(keys: Keys): Promise<Keys> {
    return Promise.resolve(structuredClone(keys));
  }
}

/** A door that lets in by the card. What becomes of a command or of its answer is the test's to say. */
class Threshold extends FakeChannel {
  readonly members = new Set<string>();
  readonly former = new Set<string>();
  readonly waiting = new Set<string>();
  farewell: Bytes | null = null;
  fate: "answered" | "lost on the way" | "answer lost" = "answered";

  constructor() {
    super(new Door());
    this.answer = ({ body }) => (body.line ? { type: "changed", seq: 1 } : { type: "head", conditions: null });
  }

  override async request(message: { type: string; signed?: string }): Promise<unknown> {
    if (message.signed === undefined) return super.request(message);
    if (this.fate === "lost on the way") throw new Unreachable("the connection was closed");
    if (this.farewell !== null) return { type: "farewell", id: 1, signed: this.farewell };
    const claim = JSON.parse(text(fromBase64(message.signed).slice(64))) as Command;
    const refusal = this.#refusal(claim);
    if (this.fate === "answer lost") throw new Unreachable("the connection was closed");
    return refusal ?? super.request(message);
  }

  #refusal({ reader, body }: Command): unknown {
    const error = (code: string): unknown => ({ type: "error", id: 1, code, sentence: "no" });
    if (!body.line)
      return this.members.has(reader) ? null : error(this.waiting.has(reader) ? "waiting" : "unknown_reader");
    if (this.members.has(reader) || this.former.has(reader)) return error("already_added");
    const claim = parse(fromBase64(body.line.admission).slice(64), admission);
    this.members.add(toBase64(claim.reader.sign));
    return null;
  }
}

const at = (door: Threshold): Channel => door as unknown as Channel;
const meet = ({ door }: Threshold): ReturnType<typeof recognise> => recognise(door.card, door.lines[0] ?? SECRET);
const signOf = ({ keys }: Joining): string => toBase64(keys.sign);

test("keys and admission are kept before anything is sent", async () => {
  const [door, shelf] = [new Threshold(), new Shelf()];
  const joining = await prepare(shelf, meet(door), "iPhone");
  assert.deepEqual(shelf.kept?.admission, joining.admission);
  assert.deepEqual(shelf.kept.keys.sign, joining.keys.sign);
  assert.equal(door.commands.length, 0);
  await admit(at(door), joining);
  assert.ok(door.members.has(signOf(joining)));
});

test("a browser that cannot write asks nothing of the door", async () => {
  const [door, shelf] = [new Threshold(), new Shelf()];
  shelf.full = true;
  await assert.rejects(prepare(shelf, meet(door), "iPhone"), NotKept);
  assert.deepEqual([door.commands.length, door.members.size], [0, 0]);
});

for (const fate of ["lost on the way", "answer lost"] as const)
  test(`a page that is closed while its admission is under way finds out at the next load: ${fate}`, async () => {
    const [door, shelf] = [new Threshold(), new Shelf()];
    const joining = await prepare(shelf, meet(door), "iPhone");
    door.fate = fate;
    await assert.rejects(admit(at(door), joining), Unreachable);

    door.fate = "answered";
    const found = await shelf.joining();
    assert.ok(found);
    assert.equal(await standing(at(door), found), fate === "answer lost" ? "inside" : "outside");
    await admit(at(door), found);
    assert.equal(await standing(at(door), found), "inside");
    assert.deepEqual([...door.members], [signOf(joining)], "one reader, whose keys are here");
  });

test("another try at the same door has the same keys, whatever it is called then, and another door gets others", async () => {
  const [door, shelf, other] = [new Threshold(), new Shelf(), new Threshold()];
  const first = await prepare(shelf, meet(door), "iPhone");
  door.fate = "answer lost";
  await assert.rejects(admit(at(door), first), Unreachable);
  const second = await prepare(shelf, meet(door), "Mum’s iPhone");
  assert.equal(signOf(second), signOf(first));
  door.fate = "answered";
  await admit(at(door), second);
  assert.equal(door.members.size, 1);

  other.door.add({ type: "epoch", epoch: 1, sha256: new Uint8Array(32) });
  const elsewhere = { ...meet(other), born: sha256(SECRET) };
  assert.notEqual(signOf(await prepare(shelf, elsewhere, "iPhone")), signOf(first));
});

test("keys that were removed meanwhile are not taken for a member’s", async () => {
  const [door, shelf] = [new Threshold(), new Shelf()];
  const joining = await prepare(shelf, meet(door), "iPhone");
  door.former.add(signOf(joining));
  await assert.rejects(admit(at(door), joining), (error) => error instanceof Refused && error.code === "already_added");
});

test("who asked is told whether the door still waits for somebody’s word, and who said no", async () => {
  const [door, shelf] = [new Threshold(), new Shelf()];
  const joining = await prepare(shelf, meet(door), "iPhone");
  assert.equal(await standing(at(door), joining), "outside");
  door.waiting.add(signOf(joining));
  assert.equal(await standing(at(door), joining), "waiting");

  const [id, reader, dad] = [door.door.id, joining.keys.sign, new Uint8Array(32).fill(33)];
  const removal = await sign(signer(dad), "removal", { door: id, by: bytes(ed25519.getPublicKey(dad)), reader });
  const said = { door: id, reader, removal, label: "Dad’s phone", at_utc: "2026-11-27T09:00:00Z" };
  door.farewell = await door.door.signed("farewell", said);
  assert.deepEqual(await standing(at(door), joining), { by: "reader", label: said.label, atUtc: said.at_utc });
});

test("that the door has let this device in counts only if the door signed it, and another door has not", async () => {
  const [door, shelf] = [new Threshold(), new Shelf()];
  const joining = await prepare(shelf, meet(door), "iPhone");
  door.members.add(signOf(joining));
  door.tamper = (payload) => ({ ...payload, head: { seq: 0, hash: new Uint8Array(32) } });
  await assert.rejects(standing(at(door), joining), RecordBroken);
  door.request = () => Promise.resolve({ type: "error", id: 1, code: "wrong_door", sentence: "another" });
  await assert.rejects(standing(at(door), joining), OtherDoor);
});
