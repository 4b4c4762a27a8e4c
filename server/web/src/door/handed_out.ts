// What the door hands out for one asking: the sealed bytes of a clip, whole, and any part of them again.
//
// A ticket is good for ten minutes and as long as its connection; after that the door is asked anew, which stands in the record.
//
// Source: docs/FORMAT.md, "HTTP".

import { type Bytes, bytes } from "../format/bytes.ts";
import { Unreachable } from "../format/unreachable.ts";
import { CutShort } from "../play/streamed.ts";

/** What the door's signed answer gives. */
export interface Ticket {
  readonly ticket: string;
  readonly bytes: number;
}

/** Where a part lies in the sealed file. */
export interface Span {
  readonly from: number;
  readonly until: number;
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

  /** How many bytes there are, by the door's own signed word. */
  get size(): number {
    return this.#ticket.bytes;
  }

  /** A part of it. Throws Refused, TrustError, Unreachable. */
  async part(span: Span): Promise<Bytes> {
    let response = await fetched(this.#ticket, this.#stopped, span);
    if (response.status === LAPSED) {
      this.#ticket = await this.#ask();
      response = await fetched(this.#ticket, this.#stopped, span);
    }
    const part = await arrived(response)
      .arrayBuffer()
      .catch((error: unknown) => {
        throw new Unreachable("a part of the recording did not come", { cause: error });
      });
    if (response.status !== PARTIAL || part.byteLength !== span.until - span.from)
      throw new Unreachable("another part of the recording came than was asked for");
    return bytes(new Uint8Array(part));
  }
}

const PARTIAL = 206;
const LAPSED = 404;
const GAVE_WAY = 410;

async function fetched({ ticket }: Ticket, stopped: AbortSignal, span?: Span): Promise<Response> {
  const headers = span ? { Range: `bytes=${span.from}-${span.until - 1}` } : {};
  try {
    return await fetch(`/sealed/${ticket}`, { signal: stopped, cache: "no-store", headers });
  } catch (error) {
    throw new Unreachable("the recording could not be fetched", { cause: error });
  }
}

function arrived(response: Response): Response {
  // The server's word is no proof that it gave way: asked again, the door says so, signed.
  if (response.status === GAVE_WAY) throw new CutShort("the recording did not come");
  if (!response.ok) throw new Unreachable(`the recording could not be fetched (${response.status})`);
  return response;
}
