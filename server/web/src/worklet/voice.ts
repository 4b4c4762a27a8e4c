// The microphone's end, on the browser's audio thread: cuts what it gives into moments and hands each over with its number. Where
// there is no microphone the moments are silent: a clock that no page in the background loses.
//
// Source: Web Audio API 1.1, AudioWorklet.

import { Moments } from "../speech/moments.ts";

// What this global scope has; TypeScript's libraries are a page's.
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const QUANTUM = 128;

class Voice extends AudioWorkletProcessor {
  readonly #moments = new Moments(sampleRate);
  #number = 0;

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const samples = inputs[0]?.[0] ?? new Float32Array(QUANTUM);
    for (const moment of this.#moments.take(samples)) {
      const sound = moment.buffer;
      this.port.postMessage({ number: this.#number++, sound }, [sound]);
    }
    return true;
  }
}

registerProcessor("voice", Voice);
