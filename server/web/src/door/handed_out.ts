// What the door hands out for one asking: the sealed bytes of a clip, whole, and any part of them again.
//
// A ticket is good for ten minutes and as long as its connection; after that the door is asked anew, which stands in the record.
//
// Source: docs/FORMAT.md, "HTTP".

import { type Bytes, concat } from "../format/bytes.ts";
import { Unreachable } from "../format/unreachable.ts";
import { CutShort, SILENT_MS, streamed } from "../play/streamed.ts";

/** What the door's signed answer gives. */
export interface Ticket {
  readonly ticket: string;
  readonly bytes: number;
}

/** Where a part lies in the sealed file; without `until`, up to what there is by now. */
export interface Span {
  readonly from: number;
  readonly until?: number;
}

export class HandedOut {
  readonly #ask: () => Promise<Ticket>;
  readonly #stopped: AbortSignal;
  #ticket: Ticket;
  /** The whole of it. */
  readonly response: Response;

  private constructor(ask: () => Promise<Ticket>, stopped: AbortSignal, ticket: Ticket, response: Response) {
    this.#ask = ask;
    this.#stopped = stopped;
    this.#ticket = ticket;
    this.response = response;
  }

  /** Ask the door, and begin to fetch. Throws Refused, TrustError, Unreachable. */
  static async ask(ask: () => Promise<Ticket>, stopped: AbortSignal): Promise<HandedOut> {
    const ticket = await ask();
    return new HandedOut(ask, stopped, ticket, arrived(await fetched(ticket, stopped)));
  }

  /** How many bytes there are, by the door's own last signed word. */
  get size(): number {
    return this.#ticket.bytes;
  }

  /** Ask the door anew; how many bytes there are by now. Throws Refused, TrustError, Unreachable. */
  async again(): Promise<number> {
    this.#ticket = await this.#ask();
    return this.size;
  }

  /**
   * Yields what there is by now from byte `from` on. The byte before it is asked for too, or a server with nothing more could only
   * refuse, which browsers call an error. Throws Refused, TrustError, Unreachable.
   */
  async *rest(from: number): AsyncGenerator<Uint8Array, void> {
    if (from === 0) {
      yield* streamed(this.response.bodyUsed ? arrived(await this.#fetched()) : this.response);
      return;
    }
    const response = arrived(await this.#fetched({ from: from - 1 }));
    if (response.status !== PARTIAL) throw new Unreachable("another part of the recording came than was asked for");
    let before = 1;
    for await (const part of streamed(response)) {
      if (part.length > before) yield part.subarray(before);
      before = Math.max(0, before - part.length);
    }
  }

  /** A part of it. Throws Refused, TrustError, Unreachable. */
  async part(span: Required<Span>): Promise<Bytes> {
    const response = await this.#fetched(span);
    const parts: Uint8Array[] = [];
    for await (const part of streamed(arrived(response))) parts.push(part);
    const part = concat(...parts);
    if (response.status !== PARTIAL || part.length !== span.until - span.from)
      throw new Unreachable("another part of the recording came than was asked for");
    return part;
  }

  async #fetched(span?: Span): Promise<Response> {
    const response = await fetched(this.#ticket, this.#stopped, span);
    // The server's word is no proof that it gave way: asked again, the door says so, signed.
    if (response.status !== LAPSED && response.status !== GAVE_WAY) return response;
    await this.again();
    return fetched(this.#ticket, this.#stopped, span);
  }
}

const PARTIAL = 206;
const LAPSED = 404;
const GAVE_WAY = 410;

async function fetched({ ticket }: Ticket, stopped: AbortSignal, span?: Span): Promise<Response> {
  const headers = span ? { Range: `bytes=${span.from}-${span.until === undefined ? "" : span.until - 1}` } : {};
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  const timer = setTimeout(end, SILENT_MS);
  if (stopped.aborted) end();
  stopped.addEventListener("abort", end, { once: true });
  try {
    return await fetch(`/sealed/${ticket}`, { signal: over.signal, cache: "no-store", headers });
  } catch (error) {
    throw new Unreachable("the recording could not be fetched", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function arrived(response: Response): Response {
  if (response.status === GAVE_WAY) throw new CutShort("the recording did not come");
  if (!response.ok) throw new Unreachable(`the recording could not be fetched (${response.status})`);
  return response;
}
