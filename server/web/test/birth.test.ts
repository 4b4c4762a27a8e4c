import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { provenKeys } from "../src/keys/birth.ts";
import { BrowserTooOld, type Keys, hasNativeMlkem, keyForms } from "../src/keys/reader.ts";

const clone = globalThis.structuredClone;
const { subtle } = crypto;
// eslint-disable-next-line @typescript-eslint/unbound-method -- put back where it came from
const generate = subtle.generateKey;

beforeEach(() => {
  mock.method(console, "warn", () => undefined);
});
afterEach(() => {
  mock.restoreAll();
  globalThis.structuredClone = clone;
  subtle.generateKey = generate;
});

/** A browser that copies no key of these algorithms, as WebKit copies none of X25519. */
function copiesNo(...algorithms: readonly string[]): void {
  globalThis.structuredClone = <T>(value: T): T => {
    if (value instanceof CryptoKey && algorithms.includes(value.algorithm.name))
      throw new TypeError("Unable to deserialize data.");
    return clone(value);
  };
}

const keeper = { roundTrip: (keys: Keys): Promise<Keys> => Promise.resolve(clone(keys)) };
const formOf = (keys: Keys): string => `${"p256" in keys ? "P-256" : "X25519"} ${keys.mlkem.kind}`;
const best = hasNativeMlkem() ? "native" : "wrapped";

test("a browser that keeps everything has a hybrid reader", async () => {
  assert.equal(formOf(await provenKeys(keeper)), `X25519 ${best}`);
});

test("a browser that keeps no X25519 key has a reader of the tagged kind, and loses no native ML-KEM to that", async () => {
  copiesNo("X25519");
  const keys = await provenKeys(keeper);
  assert.equal(formOf(keys), `P-256 ${best}`);
  assert.match(keys.recipient, /^age1tagpq1/);
});

test("a browser that keeps no ML-KEM key keeps X25519 all the same", async () => {
  copiesNo("ML-KEM-768");
  assert.equal(formOf(await provenKeys(keeper)), "X25519 wrapped");
});

test("a browser that copies a key and then gives back none of it gets the next form", async () => {
  for (const [lost, form] of [
    ["x25519", `P-256 ${best}`],
    ["mlkem", "none"],
  ] as const) {
    const loses = {
      roundTrip: async (keys: Keys): Promise<Keys> => ({ ...(await keeper.roundTrip(keys)), [lost]: null }),
    };
    const made = provenKeys(loses);
    if (form === "none") await assert.rejects(made, BrowserTooOld);
    else assert.equal(formOf(await made), form);
  }
});

test("a browser that stores nothing is told so, and no key is left to be relied on", async () => {
  const refuses = { roundTrip: (): Promise<Keys> => Promise.reject(new Error("QuotaExceededError")) };
  await assert.rejects(provenKeys(refuses), /does not keep keys/);
});

test("a key that could not be made is asked for up to three times", async () => {
  let failures = 0;
  const failing = (times: number): void => {
    const left = new Map<string, number>();
    subtle.generateKey = ((algorithm: { name: string }, extractable: boolean, usages: KeyUsage[]) => {
      const more = left.get(algorithm.name) ?? times;
      left.set(algorithm.name, more - 1);
      if (more > 0) {
        failures += 1;
        return Promise.reject(new DOMException("", "OperationError"));
      }
      return generate.call(subtle, algorithm, extractable, usages);
    }) as typeof subtle.generateKey;
  };
  failing(2);
  assert.equal(formOf(await provenKeys(keeper)), `X25519 ${best}`);
  assert.ok(failures >= 4, "each kind of key failed twice");
  failing(Infinity);
  await assert.rejects(provenKeys(keeper), BrowserTooOld);
  assert.deepEqual(await keyForms(), [{ curve: "P-256", native: false }]);
});
