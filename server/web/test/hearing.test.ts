// Live sound is silent until somebody asks for it, and while they speak themselves and their voice still comes back from the door.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Hearing } from "../src/play/hearing.ts";

/** Stands in for a browser's sound; what was made of it stands in `contexts`. */
class Context extends EventTarget {
  readonly gain = { gain: { value: Number.NaN }, connect: () => undefined };
  readonly destination = {};
  state = "suspended";

  constructor() {
    super();
    contexts.push(this);
  }

  createGain(): Context["gain"] {
    return this.gain;
  }

  resume(): Promise<void> {
    this.state = "running";
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

let contexts: Context[] = [];
const loudness = (): number | undefined => contexts.at(-1)?.gain.gain.value;

beforeEach(() => {
  contexts = [];
  Object.assign(globalThis, { AudioContext: Context });
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  mock.timers.reset();
  Reflect.deleteProperty(globalThis, "AudioContext");
});

test("no sound is made before somebody asks for it", () => {
  const hearing = new Hearing();
  hearing.mute(true);
  hearing.mute(false);
  assert.deepEqual([contexts.length, hearing.heard], [0, "off"]);
});

test("whoever speaks hears nothing of it, nor for 200 milliseconds after", () => {
  const hearing = new Hearing();
  hearing.turn(true);
  assert.deepEqual([loudness(), hearing.heard], [1, "on"]);
  hearing.mute(true);
  assert.equal(loudness(), 0);
  hearing.mute(false);
  mock.timers.tick(199);
  assert.equal(loudness(), 0);
  mock.timers.tick(1);
  assert.equal(loudness(), 1);
});

test("whoever speaks again within the 200 milliseconds stays unheard", () => {
  const hearing = new Hearing();
  hearing.turn(true);
  hearing.mute(true);
  hearing.mute(false);
  mock.timers.tick(150);
  hearing.mute(true);
  mock.timers.tick(1_000);
  assert.equal(loudness(), 0);
});

test("sound that is turned on while somebody speaks begins silent", () => {
  const hearing = new Hearing();
  hearing.mute(true);
  hearing.turn(true);
  assert.equal(loudness(), 0);
  hearing.mute(false);
  mock.timers.tick(200);
  assert.equal(loudness(), 1);
});
