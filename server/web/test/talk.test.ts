import assert from "node:assert/strict";
import { test } from "node:test";

import { Encrypter } from "age-encryption";

import { Talking } from "../src/door/talking.ts";
import { type Ask, Refused } from "../src/door/session.ts";
import { type Bytes, bytes } from "../src/format/bytes.ts";
import { encode } from "../src/format/json.ts";
import type { CommandBody } from "../src/format/messages.ts";
import { TALK_METADATA } from "../src/format/live.ts";
import { MOMENT_MS, MOMENT_SAMPLES, RATE_HZ, TALK_MS } from "../src/format/talk.ts";
import { identityOf, makeKeys } from "../src/keys/reader.ts";
import { frameHeader, frameKey, openFrame, sealFrame } from "../src/sealing/sframe.ts";
import { Moments } from "../src/speech/moments.ts";
import { momentOf } from "../src/speech/sentences.ts";
import { sealFrame as sealedByTheBook } from "./door.ts";

const BASE = new Uint8Array(32).fill(5);
const SOUND = new Uint8Array(2 * MOMENT_SAMPLES).fill(7);
const keys = await makeKeys({ curve: "X25519", native: false });
const encrypter = new Encrypter();
encrypter.addRecipient(keys.recipient);
const FILE = bytes(await encrypter.encrypt(encode({ kid: 3, key: BASE })));

/** A door that answers when it is told to, and a clock. */
class Stage {
  readonly asked: CommandBody[] = [];
  readonly sent: Bytes[] = [];
  readonly talking: Talking;
  nowMs = 1_000;
  kid = 3;
  refusal: Refused | null = null;
  #answer: () => void = () => undefined;

  constructor() {
    const asked = new Promise<void>((resolve) => (this.#answer = resolve));
    const ask = async (body: CommandBody): Promise<unknown> => {
      this.asked.push(body);
      if (body.type !== "talk") return { body: { type: "noted" } };
      await asked;
      if (this.refusal !== null) throw this.refusal;
      return { body: { type: "talk", kid: this.kid, file: FILE } };
    };
    this.talking = new Talking(
      ask as Ask,
      identityOf(keys),
      (frame) => this.sent.push(frame),
      () => this.nowMs,
    );
  }

  answer(): void {
    this.#answer();
  }

  async begun(): Promise<this> {
    this.answer();
    await this.talking.begin(false);
    return this;
  }

  get counters(): readonly number[] {
    return this.sent.map((frame) => Number(frameHeader(frame).counter));
  }
}

test("a frame is sealed as RFC 9605 has it, whatever its counter", () => {
  for (const counter of [0, 7, 8, 255]) {
    const mine = sealFrame(frameKey(3n, BASE), BigInt(counter), SOUND, TALK_METADATA);
    assert.deepEqual(mine, sealedByTheBook(3, BASE, counter, SOUND, TALK_METADATA));
  }
  for (const counter of [256n, 65_536n, 2n ** 40n]) {
    const frame = sealFrame(frameKey(9n, BASE), counter, SOUND, TALK_METADATA);
    assert.deepEqual([frameHeader(frame).kid, frameHeader(frame).counter], [9n, counter]);
    assert.deepEqual(openFrame(frameKey(9n, BASE), frame, TALK_METADATA), SOUND);
  }
});

test("nothing is sent before the door took the talk, and nothing after its end", async () => {
  const stage = new Stage();
  const begun = stage.talking.begin(false);
  stage.talking.spoken(0, SOUND);
  stage.answer();
  await begun;
  stage.talking.spoken(1, SOUND);
  await stage.talking.end();
  stage.talking.spoken(2, SOUND);
  assert.deepEqual(stage.counters, [0]);
  assert.deepEqual(openFrame(frameKey(3n, BASE), stage.sent[0] ?? SOUND, TALK_METADATA), SOUND);
  assert.deepEqual(stage.asked, [
    { type: "talk", recorded: false },
    { type: "talk_end", kid: 3 },
  ]);
});

test("a counter says when a moment was spoken, by the microphone's clock, and never comes twice", async () => {
  const stage = await new Stage().begun();
  stage.nowMs += 2 * MOMENT_MS;
  for (const number of [10, 11, 13, 13, 12, 14]) stage.talking.spoken(number, SOUND);
  assert.deepEqual(stage.counters, [2, 3, 5, 6]);
});

test("who lets go before the door has answered says nothing, and says that it is over", async () => {
  const stage = new Stage();
  const begun = stage.talking.begin(false);
  await stage.talking.end();
  stage.answer();
  await begun;
  stage.talking.spoken(0, SOUND);
  assert.deepEqual([stage.sent, stage.talking.isHeard], [[], false]);
  assert.deepEqual(stage.asked.at(-1), { type: "talk_end", kid: 3 });
});

test("a door that refuses is not told of an end", async () => {
  const stage = new Stage();
  stage.refusal = new Refused("busy", "somebody else talks", true);
  await assert.rejects(stage.begun(), /somebody else/);
  await stage.talking.end();
  assert.equal(stage.asked.length, 1);
});

test("a key that is another than the door said is none", async () => {
  const stage = new Stage();
  stage.kid = 4;
  await assert.rejects(stage.begun(), /holds another/);
});

test("it goes on for as long as the record says that this reader speaks, and a minute at most", async () => {
  const stage = await new Stage().begun();
  assert.ok(stage.talking.goesOn(false), "the line is still on its way");
  assert.ok(stage.talking.goesOn(true));
  assert.ok(!stage.talking.goesOn(false), "the door ended it");
  const lost = await new Stage().begun();
  lost.nowMs += 3_001;
  assert.ok(!lost.talking.goesOn(false), "no line ever came");
  const long = await new Stage().begun();
  long.nowMs += TALK_MS - 1;
  assert.ok(long.talking.goesOn(true));
  long.nowMs += 1;
  assert.ok(!long.talking.goesOn(true));
  long.talking.spoken(TALK_MS / MOMENT_MS, SOUND);
  assert.deepEqual(long.sent, [], "the door would not take it");
});

/** All samples of a tone at `rate`, cut into moments. */
function heard(hz: number, rate: number, seconds = 1): Int16Array {
  const moments = new Moments(rate);
  const whole: Int16Array[] = [];
  for (let at = 0; at < seconds * rate; at += 128) {
    const samples = Float32Array.from({ length: 128 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * (at + i)) / rate));
    whole.push(...moments.take(samples));
  }
  return Int16Array.from(whole.flatMap((moment) => [...moment]));
}

/** How loud a tone is in samples, as a share of full scale. */
function loudness(samples: Int16Array, hz: number): number {
  let [re, im] = [0, 0];
  samples.forEach((sample, i) => {
    re += sample * Math.cos((2 * Math.PI * hz * i) / RATE_HZ);
    im += sample * Math.sin((2 * Math.PI * hz * i) / RATE_HZ);
  });
  return (2 * Math.hypot(re, im)) / samples.length / 32_767;
}

for (const rate of [16_000, 44_100, 48_000, 96_000])
  test(`a voice keeps its tones at ${rate} samples a second, and gets none that it did not have`, () => {
    for (const hz of [200, 1_000, 3_000, 6_000]) {
      const samples = heard(hz, rate).slice(RATE_HZ / 10);
      assert.ok(Math.abs(loudness(samples, hz) - 0.5) < 0.01, `${hz} Hz at ${loudness(samples, hz)}`);
    }
    if (rate > 24_000)
      for (const hz of [10_000, 12_000, 15_000]) {
        const samples = heard(hz, rate).slice(RATE_HZ / 10);
        assert.ok(loudness(samples, RATE_HZ - hz) < 0.005, `${hz} Hz comes back at ${loudness(samples, RATE_HZ - hz)}`);
      }
  });

test("a minute of a microphone is a minute of moments", () => {
  for (const rate of [44_100, 48_000]) {
    const count = heard(300, rate, 10).length / MOMENT_SAMPLES;
    assert.ok(Math.abs(count - 10_000 / MOMENT_MS) <= 2, `${count} at ${rate}`);
  }
});

test("what is too loud is cut, and not turned around", () => {
  const moments = new Moments(RATE_HZ);
  const whole = moments.take(new Float32Array(4 * MOMENT_SAMPLES).fill(3));
  const last = whole.at(-1);
  assert.ok(last?.every((sample) => sample === 32_767));
});

test("a sentence is its moments, and what is left over is none", () => {
  const sentence = { name: "One moment", sound: new Uint8Array(5 * MOMENT_SAMPLES).map((_, i) => i) };
  assert.deepEqual(momentOf(sentence, 1), sentence.sound.slice(2 * MOMENT_SAMPLES, 4 * MOMENT_SAMPLES));
  assert.equal(momentOf(sentence, 2), null);
});
