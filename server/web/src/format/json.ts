// Strict JSON: what is not described is refused.
//
// A parser takes a value and the path to it, and returns the typed value or throws FormatError with that path. Objects
// refuse missing keys, unless they are optional, and unknown ones, so that a message means one thing to everybody who reads it.
//
// Source: docs/FORMAT.md, "Conventions".

import { type Bytes, fromBase64, text as decodeUtf8, toBase64, utf8 } from "./bytes.ts";

/** The bytes are not what docs/FORMAT.md says; `message` names the place. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

export type Parser<T> = (value: unknown, path: string) => T;
export type Parsed<P> = P extends Parser<infer T> ? T : never;

type Fields = Readonly<Record<string, Parser<unknown>>>;
type Shape<F extends Fields> = { readonly [K in keyof F]: Parsed<F[K]> };
type Tagged<V extends Readonly<Record<string, Fields>>> = {
  [K in keyof V]: { readonly type: K } & Shape<V[K]>;
}[keyof V];

function refuse(path: string, wanted: string): never {
  throw new FormatError(`${path || "message"}: expected ${wanted}`);
}

export const boolean: Parser<boolean> = (value, path) =>
  typeof value === "boolean" ? value : refuse(path, "true or false");

/** A whole number from `from` to 2^53 - 1. */
export const count =
  (from = 0): Parser<number> =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= from
      ? (value as number)
      : refuse(path, `a whole number from ${from}`);

export const string =
  (pattern?: RegExp): Parser<string> =>
  (value, path) =>
    typeof value === "string" && (pattern?.test(value) ?? true)
      ? value
      : refuse(path, pattern ? `text like ${pattern.source}` : "text");

/** Bytes in base64; `size` of them where it is given. */
export const blob =
  (size?: number): Parser<Bytes> =>
  (value, path) => {
    if (typeof value !== "string") return refuse(path, "base64");
    let data: Bytes;
    try {
      data = fromBase64(value);
    } catch (error) {
      throw new FormatError(`${path}: expected base64`, { cause: error });
    }
    return size === undefined || data.length === size ? data : refuse(path, `${size} bytes`);
  };

export const nullable =
  <T>(inner: Parser<T>): Parser<T | null> =>
  (value, path) =>
    value === null ? null : inner(value, path);

export const oneOf =
  <const T extends string>(...words: readonly T[]): Parser<T> =>
  (value, path) =>
    words.find((word) => word === value) ?? refuse(path, words.join(" or "));

export const number =
  (least: number, most: number): Parser<number> =>
  (value, path) =>
    typeof value === "number" && value >= least && value <= most
      ? value
      : refuse(path, `a number from ${least} to ${most}`);

export const pair =
  <A, B>(first: Parser<A>, second: Parser<B>): Parser<readonly [A, B]> =>
  (value, path) =>
    Array.isArray(value) && value.length === 2
      ? [first(value[0], `${path}[0]`), second(value[1], `${path}[1]`)]
      : refuse(path, "two values");

export const list =
  <T>(inner: Parser<T>): Parser<readonly T[]> =>
  (value, path) =>
    Array.isArray(value) ? value.map((item, i) => inner(item, `${path}[${i}]`)) : refuse(path, "a list");

const absences = new WeakMap<Parser<unknown>, unknown>();

/** A key that may be missing, as in what was written before it was thought of; it is `absent` then. */
export function optional<T>(inner: Parser<T>, absent: T): Parser<T> {
  const parser: Parser<T> = (value, path) => inner(value, path);
  absences.set(parser, absent);
  return parser;
}

export const object =
  <F extends Fields>(fields: F): Parser<Shape<F>> =>
  (value, path) => {
    const source = record(value, path);
    for (const key of Object.keys(source))
      if (!Object.hasOwn(fields, key)) throw new FormatError(`${path}.${key}: unknown key`);
    const entries = Object.entries(fields).map(([key, parse]) => {
      if (!Object.hasOwn(source, key)) {
        if (absences.has(parse)) return [key, absences.get(parse)] as const;
        throw new FormatError(`${path}.${key}: missing`);
      }
      return [key, parse(source[key], `${path}.${key}`)] as const;
    });
    return Object.fromEntries(entries) as Shape<F>;
  };

/** One of several objects, told apart by their `type`. */
export const tagged =
  <V extends Readonly<Record<string, Fields>>>(variants: V): Parser<Tagged<V>> =>
  (value, path) => {
    const { type, ...rest } = record(value, path);
    const fields = typeof type === "string" && Object.hasOwn(variants, type) ? variants[type] : undefined;
    if (!fields) return refuse(`${path}.type`, Object.keys(variants).join(" or "));
    return { type, ...object(fields)(rest, path) } as Tagged<V>;
  };

/** A wall time; kept as text, which sorts and is exact. */
export const moment: Parser<string> = (value, path) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value))
    ? value
    : refuse(path, "a time like 2026-11-23T12:03:00Z");

export const day: Parser<string> = string(/^\d{4}-\d{2}-\d{2}$/);

/** The value that UTF-8 JSON bytes stand for. Throws FormatError. */
export function parse<T>(data: Uint8Array, parser: Parser<T>, path = ""): T {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(data));
  } catch (error) {
    throw new FormatError(`${path || "message"}: not JSON in UTF-8`, { cause: error });
  }
  return parser(value, path);
}

export type Encodable =
  string | number | boolean | null | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

/** JSON without spaces; bytes become base64. */
export function encode(value: Encodable): Bytes {
  return utf8(JSON.stringify(plain(value)));
}

function plain(value: Encodable): unknown {
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) return value.map((item: Encodable) => plain(item));
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(path, "an object");
}
