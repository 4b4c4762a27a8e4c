// One WebSocket to the door: requests answered by id, and notices. An edge: no trust is decided here.
//
// Source: docs/FORMAT.md, "Door messages".

import { type Bytes, utf8 } from "../format/bytes.ts";
import { FormatError, parse } from "../format/json.ts";
import { type Down, MAX_DOWN_LETTERS, down } from "../format/messages.ts";
import { Unreachable } from "../format/unreachable.ts";

const ANSWER_MS = 12_000;
const MAX_PICTURE_BYTES = 1_048_576;
/** About four moments of a voice. */
const MOST_WAITING_BYTES = 6_000;

/** What the door says unasked: that its record grew, that a live key turned, that this reader was removed (signed), that somebody rings (sealed). */
export type Told = Extract<Down, { type: "notice" | "ring" | "live_key" | "farewell" }>;
export type Notified = (told: Told) => void;
/** Takes a sealed live picture. */
export type Shown = (frame: Bytes) => void;
type Answer = Exclude<Down, { type: "notice" | "ring" | "live_key" }>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Channel {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #notified: Notified;
  readonly #shown: Shown;
  #next = 1;
  /** Settles when the channel is closed, for whatever reason. */
  readonly closed: Promise<void>;
  #settle: () => void = () => undefined;

  private constructor(socket: WebSocket, notified: Notified, shown: Shown) {
    this.#socket = socket;
    this.#shown = shown;
    socket.binaryType = "arraybuffer";
    this.#notified = notified;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    socket.addEventListener("close", () => {
      this.#end();
    });
    // In the same tick as the socket was made, or its first message can be lost.
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.#receive(event.data);
    };
  }

  static async open(url: string, notified: Notified, shown: Shown = () => undefined): Promise<Channel> {
    const socket = new WebSocket(url);
    const channel = new Channel(socket, notified, shown);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.close();
        reject(new Unreachable("the door does not answer"));
      }, ANSWER_MS);
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.addEventListener("close", () => {
        clearTimeout(timer);
        reject(new Unreachable("the door does not answer"));
      });
    });
    return channel;
  }

  /** The answer to a request. Throws Unreachable. */
  request(
    message: { readonly type: "hello" } | { readonly type: "command"; readonly signed: string },
  ): Promise<Answer> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new Unreachable("the connection to the door is closed"));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Unreachable("the door does not answer"));
        // Half open, perhaps: nobody would ever say that it is gone.
        this.close();
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  /** Take a sealed moment of a voice to the door at once; where others still wait it is dropped, or it would come late. */
  say(frame: Bytes): void {
    if (this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount <= MOST_WAITING_BYTES)
      this.#socket.send(frame);
  }

  /** It counts as closed at once: the other end may be gone, and browsers wait for its goodbye. */
  close(): void {
    this.#socket.close();
    this.#end();
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer && data.byteLength <= MAX_PICTURE_BYTES) {
      this.#shown(new Uint8Array(data));
      return;
    }
    let message: Down;
    try {
      if (typeof data !== "string" || data.length > MAX_DOWN_LETTERS) throw new FormatError("not a door message");
      message = parse(utf8(data), down);
    } catch {
      // The relay, or something in its place, speaks nonsense: no answer can be told from another any more.
      this.close();
      return;
    }
    if (message.type === "notice" || message.type === "ring" || message.type === "live_key") {
      this.#notified(message);
      return;
    }
    // An answer too, if a command brought it.
    if (message.type === "farewell") this.#notified(message);
    const waiting = message.id === null ? undefined : this.#waiting.get(message.id);
    if (waiting === undefined || message.id === null) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    waiting.resolve(message);
  }

  #end(): void {
    // Nothing counts any more that comes after the end.
    this.#socket.onmessage = null;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Unreachable("the connection to the door was closed"));
    }
    this.#waiting.clear();
    this.#settle();
  }
}
