// The sound of the bell, made here: two strokes of a chime, each a few partials that die away. No file is played.
//
// Browsers let a page sound after one touch on it, and again after each load. Whoever wanted sound on this device before has it
// again with the first touch, wherever that is.
//
// Source: Web Audio API 1.1; WHATWG HTML, user activation.

/** Whether this device rings: no sound here at all, not wanted, wanted but not touched since the page was loaded, asked for in vain, ready. */
export type Sound = "none" | "off" | "asleep" | "mute" | "on";

const WANTED = "doorward-rings-here";
const STROKES_HZ = [659.26, 523.25];
/** Share of the fundamental, loudness, and how long until it is a thousandth. */
const PARTIALS = [
  [1, 0.5, 1.6],
  [2.01, 0.2, 0.9],
  [3.98, 0.1, 0.4],
] as const;
const BETWEEN_STROKES_S = 0.45;
const AGAIN_S = 1.7;
const SILENT = 0.001;
/** Without a loudspeaker some browsers never answer. */
const PATIENCE_MS = 3_000;

export class Chime {
  #context: AudioContext | null = null;
  #isMute = false;
  readonly #listeners = new Set<() => void>();

  constructor() {
    if (!isOffered() || !isWanted()) return;
    this.#open();
    const touched = (): void => {
      void this.#resume().then(() => {
        if (this.sound !== "asleep") stop();
      });
    };
    const stop = (): void => {
      for (const name of ["pointerup", "keydown"]) removeEventListener(name, touched, true);
    };
    for (const name of ["pointerup", "keydown"]) addEventListener(name, touched, true);
  }

  get sound(): Sound {
    if (!isOffered()) return "none";
    if (this.#context === null) return "off";
    if (this.#context.state === "running") return "on";
    return this.#isMute ? "mute" : "asleep";
  }

  /** Call `changed` whenever `sound` may be another; the result ends that. */
  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** From within a touch: let this device ring from now on, and let it be heard once. */
  async enable(): Promise<void> {
    want(true);
    this.#open();
    const timer = setTimeout(() => {
      this.#isMute = true;
      this.#tell();
    }, PATIENCE_MS);
    this.#tell();
    await this.#resume();
    clearTimeout(timer);
    this.#isMute = false;
    this.ring(1);
    this.#tell();
  }

  disable(): void {
    want(false);
    void this.#context?.close();
    this.#context = null;
    this.#tell();
  }

  /** Sound so many times; whether anything can be heard. */
  ring(times = 3): boolean {
    const context = this.#context;
    if (context?.state !== "running") return false;
    for (let time = 0; time < times; time += 1)
      STROKES_HZ.forEach((hz, stroke) => {
        strike(context, hz, context.currentTime + time * AGAIN_S + stroke * BETWEEN_STROKES_S);
      });
    return true;
  }

  #open(): void {
    if (this.#context !== null) return;
    this.#context = new AudioContext({ latencyHint: "interactive" });
    // A phone call, or the system, may take the sound away and give it back.
    this.#context.addEventListener("statechange", () => {
      this.#tell();
    });
  }

  async #resume(): Promise<void> {
    try {
      await this.#context?.resume();
    } catch {
      // Not yet: the next touch tries again, and until then the page says that it is silent.
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function strike(context: AudioContext, hz: number, at: number): void {
  for (const [share, loudness, seconds] of PARTIALS) {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = hz * share;
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(SILENT, at + seconds);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}

const isOffered = (): boolean => "AudioContext" in window;

function isWanted(): boolean {
  try {
    return localStorage.getItem(WANTED) !== null;
  } catch {
    return false;
  }
}

function want(wanted: boolean): void {
  try {
    if (wanted) localStorage.setItem(WANTED, "1");
    else localStorage.removeItem(WANTED);
  } catch {
    // It then lasts as long as the page is open.
  }
}

/** The one of this page. */
export const chime = new Chime();
