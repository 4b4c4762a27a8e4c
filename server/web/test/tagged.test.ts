import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Decrypter,
  Encrypter,
  type Identity,
  Stanza,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64nopad, bech32 } from "@scure/base";

import { type Bytes, bytes, concat, utf8 } from "../src/format/bytes.ts";
import { type Keys, identityOf, makeKeys } from "../src/keys/reader.ts";
import { SealBroken } from "../src/sealing/errors.ts";
import { headerEnd, stanzaCount } from "../src/sealing/header.ts";
import { openWhole } from "../src/sealing/stream.ts";
import { taggedIdentity } from "../src/sealing/tagged.ts";

const FORM = { curve: "P-256", native: false } as const;
const keys = await makeKeys(FORM);
const other = await makeKeys(FORM);
const hybrid = await makeKeys({ curve: "X25519", native: false });
const PLAIN: Bytes = new Uint8Array(16).fill(3);

async function sealedTo(...readers: readonly Keys[]): Promise<Bytes> {
  const encrypter = new Encrypter();
  for (const { recipient } of readers) encrypter.addRecipient(recipient);
  return bytes(await encrypter.encrypt(PLAIN));
}

/** The stanza that typage writes for `keys`. */
async function written(): Promise<Stanza> {
  const seen: Stanza[] = [];
  const spy: Identity = {
    unwrapFileKey: (stanzas) => {
      seen.push(...stanzas);
      return null;
    },
  };
  const decrypter = new Decrypter();
  decrypter.addIdentity(spy);
  await assert.rejects(decrypter.decrypt(await sealedTo(keys)), /no identity matched/);
  assert.ok(seen[0]);
  return seen[0];
}
const made = await written();
const [KIND = "", TAG = "", SHARE = ""] = made.args;
const stanza = (args: readonly string[] = made.args, body: Uint8Array = made.body): Stanza =>
  new Stanza([...args], body);
const opens = async (identity: Identity, ...stanzas: Stanza[]): Promise<Uint8Array | null> =>
  identity.unwrapFileKey(stanzas);
const b64 = (data: Uint8Array): string => base64nopad.encode(data);

test("one file holds both kinds, each opens, and both are counted", async () => {
  const file = await sealedTo(keys, hybrid, other);
  for (const reader of [keys, hybrid, other]) assert.deepEqual(await openWhole(file, identityOf(reader)), PLAIN);
  assert.equal(stanzaCount(file.slice(0, headerEnd(file) ?? 0)), 3);
});

test("a stanza of any other kind is counted too: a ghost may have brought it", async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()));
  encrypter.addRecipient({ wrapFileKey: () => [new Stanza(["example.com/ghost"], new Uint8Array(32))] });
  const file = bytes(await encrypter.encrypt(PLAIN));
  assert.equal(stanzaCount(file.slice(0, headerEnd(file) ?? 0)), 2);
});

test("a stanza opens for its identity alone, and one half opens nothing", async () => {
  assert.equal((await opens(identityOf(keys), stanza()))?.length, 16);
  assert.equal(await opens(identityOf(other), stanza()), null);
  assert.ok("p256" in keys && "p256" in other);
  assert.equal(await opens(identityOf({ ...keys, mlkem: other.mlkem }), stanza()), null);
  assert.equal(await opens(identityOf({ ...keys, p256: other.p256 }), stanza()), null);
});

test("a stanza with another tag is passed over, and the next one tried", async () => {
  const swapped = stanza([KIND, b64(new Uint8Array(4)), SHARE]);
  assert.equal(await opens(identityOf(keys), swapped), null);
  assert.deepEqual(await opens(identityOf(keys), swapped, stanza()), await opens(identityOf(keys), stanza()));
});

test("a malformed stanza is refused before it is tried", async () => {
  for (const bad of [
    stanza([...made.args, "more"]),
    stanza([KIND, TAG]),
    stanza([KIND, TAG, b64(new Uint8Array(1152))]),
    stanza([KIND, b64(new Uint8Array(5)), SHARE]),
    stanza(made.args, concat(made.body, new Uint8Array(1))),
  ])
    await assert.rejects(opens(identityOf(keys), bad), SealBroken);
});

test("a point that is none never reaches the private half, whatever the browser would make of it", async () => {
  const share = base64nopad.decode(SHARE);
  const point = bytes(share.slice(-65));
  let asked = 0;
  const identity = taggedIdentity({
    mlkem: () => Promise.resolve(new Uint8Array(32)),
    p256: () => {
      asked += 1;
      return Promise.resolve(new Uint8Array(32));
    },
    p256Public: point,
  });
  const sent = (forged: Bytes): Stanza => {
    const encapsulation = concat(share.slice(0, -65), forged);
    const tagged = hmac(
      sha256,
      utf8("age-encryption.org/mlkem768p256tag"),
      concat(encapsulation, sha256(point).slice(0, 4)),
    );
    return stanza([KIND, b64(tagged.slice(0, 4)), b64(encapsulation)]);
  };
  assert.equal(await opens(identity, sent(point)), null);
  assert.equal(asked, 1, "a point of the curve does");
  const beside = point.with(64, (point[64] ?? 0) ^ 1);
  const forms = [0, 2, 3, 6, 7].map((first) => point.with(0, first));
  const large = concat(Uint8Array.of(4), new Uint8Array(32).fill(255), point.slice(33));
  for (const bad of [beside, ...forms, large, new Uint8Array(65), new Uint8Array(65).with(0, 4)])
    await assert.rejects(opens(identity, sent(bad)), SealBroken);
  assert.equal(asked, 1);
});

test("a recipient is 1,249 bytes behind its prefix", () => {
  const { prefix, words } = bech32.decode(keys.recipient as `${string}1${string}`, false);
  assert.equal(prefix, "age1tagpq");
  assert.equal(bech32.fromWords(words).length, 1249);
});
