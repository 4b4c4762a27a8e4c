// Health is opened for the household, and the film of a self-test is tried once, by the reader that comes first.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

import { Checkups } from "../src/door/health.ts";
import type { Ask } from "../src/door/session.ts";
import { type Bytes, bytes, sha256, toBase64, utf8 } from "../src/format/bytes.ts";
import { HEALTH_METADATA } from "../src/format/health.ts";
import type { CommandBody } from "../src/format/messages.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { judgeCertificates } from "../src/ui/door/certificates.ts";
import { sealFrame } from "./door.ts";

const BASE = new Uint8Array(32).fill(9);
const PLAIN = utf8("a drawn film");
const PIECE = 1_000;

/** A door with a film of a self-test, sealed to `recipients`; what was asked of it is kept. */
async function made(recipients: readonly string[], { damaged = false, plain = PLAIN } = {}) {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const film = bytes(await encrypter.encrypt(plain));
  if (damaged) film[film.length - 1] = (film.at(-1) ?? 0) ^ 1;
  const asked: CommandBody[] = [];
  let opened = false;
  const answer = (body: CommandBody) => {
    asked.push(body);
    if (body.type === "self_test") {
      const piece = film.subarray(body.from, body.from + PIECE);
      return { type: "self_test", from: body.from, piece, more: body.from + PIECE < film.length };
    }
    if (body.type === "health" && body.opened !== null) opened = true;
    return { type: "health", report: report(opened) };
  };
  const ask = ((body: CommandBody) => Promise.resolve({ body: answer(body), head: null })) as unknown as Ask;
  return { ask, asked, isOpened: () => opened };
}

function report(opened: boolean): Bytes {
  const finding = '{"subject":"power","level":"ok","says":"it holds","do":""}';
  const film = `{"sha256":"${toBase64(sha256(PLAIN))}","opened":${opened}}`;
  const text = `{"at_utc":"2026-11-27T12:00:00Z","findings":[${finding}],"film":${film}}`;
  return sealFrame(1, BASE, 0, utf8(text.padEnd(8192)), HEALTH_METADATA);
}

const epochs = (): Epochs => {
  const known = new Epochs("AGE-SECRET-KEY-1");
  known.addGiven(1, BASE);
  return known;
};

async function people() {
  const identity = await generateHybridIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

test("the film of a self-test is fetched in pieces, opened, compared, and said to open, once", async () => {
  const { identity, recipient } = await people();
  const door = await made([recipient]);
  const checkups = new Checkups(door.ask, identity as never, epochs());
  const health = await checkups.look();
  assert.equal(health.opens, true);
  assert.ok(health.report !== "untold" && health.report.film?.opened === true);
  assert.equal(health.report.findings[0]?.subject, "power");
  assert.ok(door.asked.filter(({ type }) => type === "self_test").length > 1);
  const before = door.asked.length;
  assert.equal((await checkups.look()).opens, true);
  assert.deepEqual(
    door.asked.slice(before).map(({ type }) => type),
    ["health"],
  );
});

test("a film that was changed does not open, is said so here, and its word does not reach the door", async () => {
  const { identity, recipient } = await people();
  for (const changed of [{ damaged: true }, { plain: utf8("another film") }]) {
    const door = await made([recipient], changed);
    assert.equal((await new Checkups(door.ask, identity as never, epochs()).look()).opens, false);
    assert.equal(door.isOpened(), false);
  }
});

test("a film that is sealed to others says nothing against the door", async () => {
  const [mine, theirs] = [await people(), await people()];
  const door = await made([theirs.recipient]);
  assert.equal((await new Checkups(door.ask, mine.identity as never, epochs()).look()).opens, null);
  assert.equal(door.isOpened(), false);
});

test("a report under another key, or in another form, is untold", async () => {
  const { identity, recipient } = await people();
  const door = await made([recipient]);
  assert.equal((await new Checkups(door.ask, identity as never, new Epochs("none")).look()).report, "untold");
});

test("certificates are told in days at the door's own time", () => {
  const at = "2026-11-27T12:00:00Z";
  assert.deepEqual(judgeCertificates(null, at), []);
  assert.equal(judgeCertificates("2026-11-26T12:00:00Z", at)[0]?.level, "fault");
  assert.equal(judgeCertificates("2027-01-20T12:00:00Z", at)[0]?.level, "warning");
  assert.equal(judgeCertificates("2029-11-27T12:00:00Z", at)[0]?.says, "valid for 1,096 more days");
});
