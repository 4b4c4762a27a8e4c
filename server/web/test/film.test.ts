import assert from "node:assert/strict";
import { test } from "node:test";

import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

import { type Bytes, bytes, concat, sha256 } from "../src/format/bytes.ts";
import type { Statement } from "../src/format/statement.ts";
import { type Verdict, film, openerOf } from "../src/play/genuine.ts";
import type { ClipFacts } from "../src/trust/facts.ts";
import { CHUNK, identity, payloadStart, plain, seal } from "./sealed.ts";

async function clip(size: number): Promise<{ file: Bytes; statement: Statement; facts: ClipFacts }> {
  const file = await seal(plain(size));
  const header_sha256 = sha256(file.slice(0, payloadStart(file)));
  const ciphertext_sha256 = sha256(file);
  const at_utc = "2026-11-23T12:00:00Z";
  return {
    file,
    statement: {
      door: new Uint8Array(32),
      clip: 1,
      state: "sealed",
      begun_utc: at_utc,
      duration_ms: 1000,
      pre_roll_ms: 0,
      triggers: [],
      width_px: 1,
      height_px: 1,
      fps: 1,
      codec: "avc1.42c01f",
      masks_sha256: null,
      roster_seq: 0,
      header_sha256,
      ciphertext_sha256,
      ciphertext_bytes: file.length,
      plaintext_sha256: sha256(plain(size)),
      plaintext_bytes: size,
      thumbnail: new Uint8Array(0),
      heat: new Uint8Array(0),
      masks: [],
      more_rings: 0,
    },
    facts: {
      begun: { type: "clip_begun", at_utc, clip: 1, trigger: "ring", header_sha256, roster_seq: 0, left_out: [] },
      sealed: {
        type: "clip_sealed",
        at_utc,
        clip: 1,
        ciphertext_sha256,
        ciphertext_bytes: file.length,
        state: "sealed",
      },
      epochs: [1],
      stale: false,
      isPast: false,
    },
  };
}

async function watch(
  file: Bytes,
  statement: Statement,
  facts: ClipFacts | undefined,
  {
    keys = 1,
    leftOut = [],
    reader = identity,
    joined = 0,
    size = statement.ciphertext_bytes,
  }: {
    readonly keys?: number;
    readonly leftOut?: readonly Bytes[];
    readonly reader?: string;
    readonly joined?: number;
    readonly size?: number;
  } = {},
): Promise<{ shown: number; verdict: Verdict["kind"] }> {
  const expected = {
    statement,
    facts,
    size,
    keys: () => ({ seq: 0, count: keys, leftOut }),
    belongsAt: (seq: number) => joined <= seq,
    given: [],
  };
  const chunks = film(parts(file), openerOf(reader, expected), expected);
  for (let shown = 0; ;) {
    const next = await chunks.next();
    if (next.done) return { shown, verdict: next.value.kind };
    shown += next.value.length;
  }
}
async function* parts(file: Bytes): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < file.length; at += 50_000) yield await Promise.resolve(file.subarray(at, at + 50_000));
}

test("a film is verified, or shows nothing that the door did not record", async () => {
  const size = CHUNK + 5;
  const { file, statement, facts } = await clip(size);
  const forged = await seal(plain(size));
  const flipped = file.with(file.length - 1, (file[file.length - 1] ?? 0) ^ 1);
  const cutThere = {
    ...statement,
    state: "interrupted" as const,
    ciphertext_bytes: file.length - 1,
    ciphertext_sha256: sha256(file.slice(0, -1)),
  };
  const sealedCut = facts.sealed && { ...facts.sealed, ciphertext_sha256: cutThere.ciphertext_sha256 };
  assert.deepEqual(await watch(file, statement, facts), { shown: size, verdict: "verified" });
  assert.deepEqual(await watch(file.slice(0, -1), cutThere, { ...facts, sealed: sealedCut }), {
    shown: CHUNK,
    verdict: "verified_part",
  });
  assert.deepEqual(await watch(file.slice(0, -1), statement, facts), { shown: CHUNK, verdict: "unfinished" });
  // The door itself says that it has no more: somebody cut it, and no connection broke.
  const short = { size: file.length - 1 };
  assert.deepEqual(await watch(file.slice(0, -1), statement, facts, short), { shown: CHUNK, verdict: "damaged" });
  assert.deepEqual(await watch(flipped, statement, facts), { shown: CHUNK, verdict: "damaged" });
  assert.deepEqual(await watch(file, statement, { ...facts, sealed: null }), { shown: CHUNK, verdict: "damaged" });
  assert.deepEqual(await watch(forged, statement, facts), { shown: 0, verdict: "not_genuine" });
  assert.deepEqual(await watch(file, statement, { ...facts, stale: true }), { shown: 0, verdict: "not_genuine" });
  assert.deepEqual(await watch(file, statement, undefined), { shown: 0, verdict: "not_genuine" });
  assert.deepEqual(await watch(file, statement, facts, { keys: 2 }), { shown: 0, verdict: "not_genuine" });
  const otherEnd = { ...statement, ciphertext_sha256: new Uint8Array(32) };
  assert.deepEqual(await watch(file, otherEnd, facts), { shown: CHUNK, verdict: "damaged" });
  const another = { ...statement, plaintext_sha256: new Uint8Array(32) };
  assert.deepEqual(await watch(file, another, facts), { shown: size, verdict: "damaged" });
});

test("a film that is still being recorded is shown meanwhile, and judged by what the door says once it has ended", async () => {
  const size = CHUNK + 5;
  const { file, statement, facts } = await clip(size);
  const running: Statement = { ...statement, state: "recording", ciphertext_bytes: 0, ciphertext_sha256: null };
  const begun = { ...facts, sealed: null };
  const ended = async (said: Statement | null, told: ClipFacts, data = file): Promise<Verdict["kind"]> => {
    const course = { size: 0, keys: () => ({ seq: 0, count: 1, leftOut: [] }), belongsAt: () => true, given: [] };
    const expected = { ...course, statement: running, facts: begun };
    const finished = said && { ...course, statement: said, facts: told };
    const chunks = film(parts(data), openerOf(identity, expected), expected, () => finished);
    assert.equal((await chunks.next()).done, false, "its first chunk is shown before anything is known of its end");
    for (;;) {
      const next = await chunks.next();
      if (next.done) return next.value.kind;
    }
  };
  assert.equal(await ended(statement, facts), "verified");
  assert.equal(await ended(running, begun), "unfinished");
  assert.equal(await ended(null, facts), "damaged");
  assert.equal(await ended(statement, begun), "damaged", "the record does not tell of its end");
  assert.equal(await ended({ ...statement, header_sha256: new Uint8Array(32) }, facts), "damaged");
  assert.equal(await ended(statement, facts, file.slice(0, -1)), "damaged");
  const cut = { ...statement, state: "interrupted" as const, ciphertext_bytes: file.length - 1 };
  assert.equal(await ended(cut, facts), "unfinished", "more was seen than the power cut left");
});

test("a film leaves out a member only if this page finds by itself that nothing can be sealed to it", async () => {
  const size = 10;
  const { file, statement, facts } = await clip(size);
  const member = new Uint8Array(32).fill(7);
  const leftOut = { ...facts, begun: facts.begun && { ...facts.begun, left_out: [member] } };
  const genuine = { shown: size, verdict: "verified" };
  const refused = { shown: 0, verdict: "not_genuine" };
  assert.deepEqual(await watch(file, statement, leftOut, { leftOut: [member] }), genuine);
  assert.deepEqual(await watch(file, statement, leftOut), refused);
  assert.deepEqual(await watch(file, statement, facts, { leftOut: [member] }), refused);
  assert.deepEqual(await watch(file, statement, leftOut, { leftOut: [new Uint8Array(32)] }), refused);
});

test("a film that is not sealed to a reader who belonged is withheld, and one from before it joined is not for it", async () => {
  const { file, statement, facts } = await clip(9);
  const reader = await generateHybridIdentity();
  assert.deepEqual(await watch(file, statement, facts, { reader }), { shown: 0, verdict: "withheld" });
  assert.deepEqual(await watch(file, statement, facts, { reader, joined: 1 }), { shown: 0, verdict: "not_for_us" });
});

test("a ghost beside the household is counted, whoever it is", async () => {
  const plaintext = plain(CHUNK);
  const encrypter = new Encrypter();
  for (const key of [identity, await generateHybridIdentity()]) encrypter.addRecipient(await identityToRecipient(key));
  const file = bytes(await encrypter.encrypt(plaintext));
  const { statement, facts } = await clip(CHUNK);
  const header_sha256 = sha256(file.slice(0, payloadStart(file)));
  const ciphertext_sha256 = sha256(file);
  const said = { ...statement, header_sha256, ciphertext_sha256, ciphertext_bytes: file.length };
  const told = {
    ...facts,
    begun: facts.begun && { ...facts.begun, header_sha256 },
    sealed: facts.sealed && { ...facts.sealed, ciphertext_sha256 },
  };
  assert.deepEqual(await watch(file, said, told, { keys: 2 }), { shown: CHUNK, verdict: "verified" });
  assert.deepEqual(await watch(file, said, told, { keys: 1 }), { shown: 0, verdict: "not_genuine" });
});

test("a header of bytes that are no text has no stanza, and is not genuine", async () => {
  const size = 10;
  const { statement, facts } = await clip(size);
  const noise = concat(
    bytes(new TextEncoder().encode("age-encryption.org/v1\n")),
    Uint8Array.of(255, 254, 10),
    bytes(new TextEncoder().encode("--- x\n")),
    new Uint8Array(40),
  );
  assert.deepEqual(await watch(noise, statement, facts), { shown: 0, verdict: "not_genuine" });
});
