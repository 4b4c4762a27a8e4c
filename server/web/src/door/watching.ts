// One reader's live view: asks for it, opens what comes, says how it is, and asks again after whatever went wrong.
//
//     asked ──▶ live key ──▶ pictures …   key turns whenever somebody comes or goes
//     nothing for a while, or a new connection: asked again
//
// How late a picture can be at most is known although no clock is shared: its key is younger than the question, and from the first
// picture on each is held to the camera's own clock. So nobody who relays can show a moment for another.
//
// Source: docs/FORMAT.md, "Live".

import type { Identity } from "age-encryption";

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError, parse } from "../format/json.ts";
import { type LivePicture, type LiveSound, liveKey, liveKeyPayload } from "../format/live.ts";
import { LivePictures } from "../play/pictures.ts";
import { LiveSounds, isSound } from "../play/sounds.ts";
import { SealBroken } from "../sealing/errors.ts";
import { openWhole } from "../sealing/stream.ts";
import { TrustError } from "../trust/errors.ts";
import type { Roster } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";
import { Unreachable } from "../format/unreachable.ts";
import { type Ask, Refused } from "./session.ts";

export type Liveness =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Pictures come, but of so many seconds ago. */
  | { readonly kind: "late"; readonly seconds: number }
  /** Nothing comes just now; it is tried again. */
  | { readonly kind: "still" }
  | { readonly kind: "refused"; readonly sentence: string }
  /** What came is none of the door’s. */
  | { readonly kind: "interfered" };

/** What a view is told. */
export interface Screen {
  /** False if the player needs a keyframe. */
  readonly picture: (picture: LivePicture) => boolean;
  /** What is heard at the door, if it listens. */
  readonly sound: (sound: LiveSound) => void;
  readonly state: (state: Liveness) => void;
}

const STILL_MS = 3_000;
const TICK_MS = 500;
const LATE_MS = 2_000;
/** A keyframe interval, and the way there: a first picture within it is not late. */
const FIRST_MS = 2_000;
const MOST_EARLY = 64;
const AGAIN_MS = 4_000;

export class Watching {
  readonly #ask: Ask;
  readonly #identity: Identity;
  readonly #roster: () => Pick<Roster, "door" | "device">;
  readonly #screen: Screen;
  readonly #now: () => number;
  #pictures = new LivePictures();
  #sounds = new LiveSounds();
  #pictureMs = -Infinity;
  #early: Bytes[] = [];
  #isJoining = false;
  #isOver = false;
  #askedMs = -Infinity;
  #heardMs = -Infinity;
  #quickest: { readonly offsetMs: number; readonly atMostMs: number } | null = null;
  #state: Liveness["kind"] | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    ask: Ask,
    identity: Identity,
    roster: () => Pick<Roster, "door" | "device">,
    screen: Screen,
    now: () => number = () => performance.now(),
  ) {
    this.#ask = ask;
    this.#identity = identity;
    this.#roster = roster;
    this.#screen = screen;
    this.#now = now;
  }

  begin(): void {
    this.#say({ kind: "connecting" });
    void this.join();
    this.#timer = setInterval(() => {
      this.tick();
    }, TICK_MS);
  }

  /** Nobody looks any more; the door writes down when. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    try {
      await this.#ask({ type: "live_end" });
    } catch (error) {
      // Out of reach it has ended already; the door writes that line by itself.
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    }
  }

  /** Ask to watch: at the beginning, on each new connection, and after silence. */
  async join(): Promise<void> {
    if (this.#isJoining || this.#isOver) return;
    this.#isJoining = true;
    try {
      const [pictures, sounds] = [new LivePictures(), new LiveSounds()];
      const asked = this.#now();
      this.#askedMs = asked;
      const { body } = await this.#ask({ type: "live" });
      await this.#learn(pictures, sounds, body.kid, body.file);
      [this.#pictures, this.#sounds] = [pictures, sounds];
      this.#quickest = null;
      this.#askedMs = asked;
      this.#drain();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isJoining = false;
    }
  }

  /** The key turned: somebody came or went. */
  async turned(signed: Bytes): Promise<void> {
    try {
      const { door, device } = this.#roster();
      const said = await verify(device, "live", signed, liveKeyPayload);
      if (!equal(said.door, door)) throw new TrustError("another door’s live key");
      await this.#learn(this.#pictures, this.#sounds, said.kid, said.file);
      this.#drain();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A sealed picture, or moment of sound, came. */
  frame(frame: Bytes): void {
    if (this.#isOver) return;
    try {
      if (isSound(frame)) {
        const sound = this.#sounds.take(frame, this.#pictureMs);
        if (sound !== null) this.#screen.sound(sound);
        return;
      }
      const taken = this.#pictures.take(frame);
      if (taken === "early") {
        this.#early = [...this.#early.slice(1 - MOST_EARLY), frame];
        return;
      }
      if (typeof taken !== "string") this.#show(taken);
    } catch (error) {
      this.#pictures.lost();
      this.#failed(error);
    }
  }

  /** Time passes. */
  tick(): void {
    if (this.#isOver || this.#state === "refused") return;
    const now = this.#now();
    if (now - Math.max(this.#heardMs, this.#askedMs) < STILL_MS) return;
    if (this.#state !== "connecting") this.#say({ kind: "still" });
    if (now - this.#askedMs >= AGAIN_MS) void this.join();
  }

  #drain(): void {
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.frame(frame);
  }

  #show(picture: LivePicture): void {
    const now = this.#now();
    if (!this.#screen.picture(picture)) {
      this.#pictures.lost();
      return;
    }
    this.#heardMs = now;
    this.#pictureMs = picture.atMs;
    const offsetMs = now - picture.atMs;
    this.#quickest ??= { offsetMs, atMostMs: now - this.#askedMs + (picture.cameraMs ?? 0) };
    const { offsetMs: first, atMostMs } = this.#quickest;
    const lateMs = Math.max(0, offsetMs - first) + Math.max(0, atMostMs - FIRST_MS);
    this.#say(lateMs > LATE_MS ? { kind: "late", seconds: Math.round(lateMs / 1000) } : { kind: "live" });
  }

  async #learn(pictures: LivePictures, sounds: LiveSounds, kid: number, file: Bytes): Promise<void> {
    const key = parse(await openWhole(file, this.#identity), liveKey, "live key");
    if (key.kid !== kid) throw new SealBroken("a live key’s file holds another");
    pictures.learn(kid, key.key);
    sounds.learn(kid, key.key);
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    if (error instanceof Refused && error.signed) this.#say({ kind: "refused", sentence: error.message });
    else if (error instanceof Refused || error instanceof Unreachable) this.#say({ kind: "still" });
    else if (error instanceof SealBroken || error instanceof FormatError || error instanceof TrustError)
      this.#say({ kind: "interfered" });
    else throw error;
  }

  #say(state: Liveness): void {
    if (state.kind === this.#state && state.kind !== "late") return;
    this.#state = state.kind;
    this.#screen.state(state);
  }
}
