// The microphone of this device, as moments of 40 ms; or, without one, the clock alone, for a sentence that was spoken before. An edge.
//
// Source: Media Capture and Streams; Web Audio API 1.1.

import type { Bytes } from "../format/bytes.ts";

/** Takes each moment, with its number from the beginning on. */
export type Listen = (number: number, sound: Bytes) => void;

/** Why nothing can be heard here, as people say it. */
export class NoMicrophone extends Error {
  override readonly name = "NoMicrophone";
}

const REFUSED: Readonly<Record<string, string>> = {
  NotAllowedError:
    "This browser does not let the page hear you. Allow the microphone for this address, in the browser’s settings.",
  NotFoundError: "This device has no microphone.",
  // What WebKit says where there is none.
  OverconstrainedError: "This device has no microphone.",
  NotReadableError: "Another program has the microphone just now.",
};

/** Whether this browser could hear somebody; only a page that came over a secure connection may. */
export const canHear = (): boolean =>
  "AudioWorkletNode" in window && (navigator as Partial<Navigator>).mediaDevices !== undefined;

export class Microphone {
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #stream: MediaStream | null;

  private constructor(context: AudioContext, node: AudioWorkletNode, stream: MediaStream | null) {
    this.#context = context;
    this.#node = node;
    this.#stream = stream;
  }

  /** From within a touch: ask for the microphone and hear it from now on. Throws NoMicrophone. */
  static async open(): Promise<Microphone> {
    const context = begun();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      return await Microphone.#made(context, stream);
    } catch (error) {
      void context.close();
      const name = error instanceof DOMException ? error.name : "";
      throw new NoMicrophone(REFUSED[name] ?? "This browser cannot hear you just now.", { cause: error });
    }
  }

  /** From within a touch: the clock alone. Throws NoMicrophone. */
  static async clock(): Promise<Microphone> {
    const context = begun();
    try {
      return await Microphone.#made(context, null);
    } catch (error) {
      void context.close();
      throw new NoMicrophone("This browser cannot play it at the door just now.", { cause: error });
    }
  }

  static async #made(context: AudioContext, stream: MediaStream | null): Promise<Microphone> {
    await context.audioWorklet.addModule("/assets/voice.js");
    const node = new AudioWorkletNode(context, "voice", { channelCount: 1, channelCountMode: "explicit" });
    if (stream !== null) context.createMediaStreamSource(stream).connect(node);
    // What goes nowhere is not run by every browser. It gives silence.
    node.connect(context.destination);
    return new Microphone(context, node, stream);
  }

  /** Hand each moment from now on to `listen`; null: to nobody. */
  hear(listen: Listen | null): void {
    this.#node.port.onmessage =
      listen === null
        ? null
        : ({ data }: MessageEvent<{ number: number; sound: ArrayBuffer }>) => {
            listen(data.number, new Uint8Array(data.sound));
          };
  }

  close(): void {
    this.hear(null);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    void this.#context.close();
  }
}

/** What hears, begun within the touch; where that was too early (some browsers want a finger that was lifted), with the next. */
function begun(): AudioContext {
  const context = new AudioContext({ latencyHint: "interactive" });
  const touches = ["pointerup", "keydown", "keyup"];
  const touched = (): void => {
    // Closed meanwhile, or not yet: the next touch tries again.
    if (context.state === "suspended") context.resume().catch(() => undefined);
    else for (const name of touches) removeEventListener(name, touched, true);
  };
  for (const name of touches) addEventListener(name, touched, true);
  touched();
  return context;
}
