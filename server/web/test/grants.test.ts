import assert from "node:assert/strict";
import { test } from "node:test";

import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

import { Given } from "../src/door/given.ts";
import { type Giver, give, parts } from "../src/door/grants.ts";
import type { Ask } from "../src/door/session.ts";
import { type Bytes, bytes, concat } from "../src/format/bytes.ts";
import { type Encodable, encode } from "../src/format/json.ts";
import { identityOf, makeKeys } from "../src/keys/reader.ts";
import type { Store } from "../src/keys/store.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { NotForUs } from "../src/sealing/errors.ts";
import { fileKey, headerEnd } from "../src/sealing/header.ts";
import { Opener } from "../src/sealing/stream.ts";
import type { ClipFacts } from "../src/trust/facts.ts";
import { sealFrame } from "./door.ts";

const DOOR: Bytes = new Uint8Array(32).fill(7);
const BASE: Bytes = new Uint8Array(32).fill(9);
const METADATA: Bytes = new Uint8Array(3);
const old = await makeKeys({ curve: "X25519", native: false });
/** A reader of the other kind: one gives to the other. */
const late = await makeKeys({ curve: "P-256", native: false });
const FILM: Bytes = new Uint8Array(100).fill(5);

async function seal(plaintext: Bytes, ...recipients: string[]): Promise<Bytes> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return bytes(await encrypter.encrypt(plaintext));
}

class Shelf {
  readonly grants: [number, Bytes][] = [];
  keepGrant(number: number, file: Bytes): Promise<void> {
    this.grants.push([number, file]);
    return Promise.resolve();
  }
}

function taking(files: readonly Bytes[]): { given: Given; epochs: Epochs; shelf: Shelf; ask: Ask } {
  const shelf = new Shelf();
  const epochs = new Epochs(identityOf(late));
  const given = new Given(shelf as unknown as Store, identityOf(late), DOOR, epochs, []);
  const grants = files.map((file, i) => ({ number: i + 1, file }));
  const ask = ((body: { from: number }) =>
    Promise.resolve({
      body: { type: "grants", grants: grants.slice(body.from - 1, body.from), more: body.from < grants.length },
    })) as unknown as Ask;
  return { given, epochs, shelf, ask };
}

const facts = (epochs: readonly number[]): ClipFacts => ({
  begun: null,
  sealed: null,
  epochs,
  stale: false,
  isPast: false,
});
const sealedFilm = await seal(FILM, old.recipient);
const header = sealedFilm.slice(0, (headerEnd(sealedFilm) ?? 0) + 16);

/** The files in which `giver` gives clip 4 to a reader. */
async function givenBy(giver: Giver, reader: Pick<typeof late, "sign" | "recipient">): Promise<readonly Bytes[]> {
  const sent: Bytes[] = [];
  const ask = ((body: { type: string; clips: number[]; file: Bytes }) => {
    if (body.type === "grant") sent.push(body.file);
    return Promise.resolve({
      body: { type: "headers", headers: body.type === "headers" ? [{ clip: 4, header }] : [] },
    });
  }) as unknown as Ask;
  const to = { label: "Late", sign: reader.sign, recipient: reader.recipient };
  const done: number[] = [];
  for await (const clips of give(ask, { door: DOOR, to, clips: [[4, facts([1])]] }, giver)) done.push(...clips);
  assert.deepEqual(done, [4]);
  assert.ok(sent.every((file) => file.length <= 8192));
  return sent;
}

async function oldGiver(): Promise<Giver> {
  const epochs = new Epochs(identityOf(old), [[1, await seal(encode({ epoch: 1, key: BASE }), old.recipient)]]);
  return { identity: identityOf(old), epochs, given: () => [] };
}

test("what was given to a reader it can give on", async () => {
  const between = taking(await givenBy(await oldGiver(), late));
  assert.equal(await between.given.fetch(between.ask), true);
  const giver = { identity: identityOf(late), epochs: between.epochs, given: (clip: number) => between.given.of(clip) };
  const last = taking(await givenBy(giver, late));
  assert.equal(await last.given.fetch(last.ask), true);
  assert.equal(last.given.of(4).length, 1);
  assert.deepEqual(await last.epochs.open(sealFrame(1, BASE, 0, FILM, METADATA), METADATA), FILM);
});

test("what one reader gives, the other opens, and nobody else", async () => {
  const sent = await givenBy(await oldGiver(), late);
  const taker = taking(sent);
  assert.equal(await taker.given.fetch(taker.ask), true);
  const frame = sealFrame(1, BASE, 0, FILM, METADATA);
  assert.deepEqual(await taker.epochs.open(frame, METADATA), FILM);
  const opener = new Opener(identityOf(late), () => undefined, taker.given.of(4));
  const chunks: Bytes[] = [];
  for await (const chunk of opener.push(sealedFilm)) chunks.push(chunk);
  const { chunk } = opener.end();
  assert.deepEqual(concat(...chunks, chunk ?? new Uint8Array(0)), FILM);
  const stranger = taking(
    await Promise.all(sent.map(async () => seal(FILM, await identityToRecipient(await generateHybridIdentity())))),
  );
  assert.equal(await stranger.given.fetch(stranger.ask), false);
});

const text = (more: Record<string, Encodable>): Bytes =>
  encode({ form: "doorward/v1/grant", door: DOOR, epochs: [], clips: [], ...more });
const broken: readonly [string, () => Promise<Bytes>][] = [
  ["no age file", () => Promise.resolve(new Uint8Array(50))],
  ["cut", async () => (await seal(text({}), late.recipient)).slice(0, -3)],
  ["for somebody else", () => seal(text({}), old.recipient)],
  ["no grant inside", () => seal(encode({ form: "x" }), late.recipient)],
  ["for another door", () => seal(text({ door: new Uint8Array(32) }), late.recipient)],
];
for (const [what, make] of broken)
  test(`a broken grant harms nothing else: ${what}`, async () => {
    const good = await seal(text({ epochs: [{ epoch: 1, key: BASE }] }), late.recipient);
    const { given, epochs, ask } = taking([await make(), good]);
    assert.equal(await given.fetch(ask), true);
    assert.deepEqual(await epochs.open(sealFrame(1, BASE, 0, FILM, METADATA), METADATA), FILM);
  });

test("forged keys in a grant open nothing and make nothing look forged", async () => {
  const wrong: Bytes = new Uint8Array(32).fill(1);
  const forged = await seal(
    text({ epochs: [{ epoch: 1, key: wrong }], clips: [{ clip: 4, key: wrong.slice(0, 16) }] }),
    late.recipient,
  );
  const { given, epochs, ask } = taking([forged]);
  await given.fetch(ask);
  assert.equal(await epochs.open(sealFrame(1, BASE, 0, FILM, METADATA), METADATA), null);
  const keyring = { identity: identityOf(late), given: given.of(4) };
  await assert.rejects(fileKey(header.slice(0, -16), keyring), NotForUs);
});

test("a long history goes in parts that fit, epochs first, and loses nothing", () => {
  const epochs = Array.from({ length: 400 }, (_, i) => ({ epoch: i + 1, key: BASE }));
  const clips = Array.from({ length: 1000 }, (_, i) => ({ clip: i + 1, key: BASE.slice(0, 16) }));
  const made = parts(epochs, clips);
  assert.deepEqual(
    made.flatMap((part) => part.epochs),
    epochs,
  );
  assert.deepEqual(
    made.flatMap((part) => part.clips),
    clips,
  );
  for (const part of made) assert.ok(encode({ form: "doorward/v1/grant", door: DOOR, ...part }).length < 6_000);
});
