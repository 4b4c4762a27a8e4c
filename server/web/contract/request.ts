// What a request of the contract tests carries, and the readers that live as long as the process.

import type { Identity } from "age-encryption";

import type { Bytes } from "../src/format/bytes.ts";
import { type Encodable, blob, count, list, object, string } from "../src/format/json.ts";
import { type Keys, identityOf } from "../src/keys/reader.ts";
import { Epochs } from "../src/sealing/epochs.ts";

export type Request = Readonly<Record<string, unknown>>;
export type Action = (request: Request) => Promise<Encodable> | Encodable;
export type Actions = Readonly<Record<string, Action>>;

/** Readers by the name that a test gave them; nobody can carry their keys out of the process. */
export const readers = new Map<string, Keys>();

export const text = (request: Request, name: string): string => string()(request[name], name);
export const data = (request: Request, name: string): Bytes => blob()(request[name], name);

export const keysOf = (request: Request): Keys => {
  const keys = readers.get(text(request, "reader"));
  if (!keys) throw new Error("no such reader: ask for new_reader first");
  return keys;
};

/** An age identity as text, or a reader's by its name. */
export const identityIn = (request: Request): Identity | string =>
  "reader" in request ? identityOf(keysOf(request)) : text(request, "identity");

const epochFiles = list(object({ epoch: count(1), file: blob() }));

export const filesIn = (request: Request): readonly { readonly epoch: number; readonly file: Bytes }[] =>
  epochFiles(request["epochs"], "epochs");

/** The epochs of a request, as its identity opens them. */
export function epochsIn(request: Request): Epochs {
  const epochs = new Epochs(identityIn(request));
  for (const { epoch, file } of filesIn(request)) epochs.add(epoch, file);
  return epochs;
}
