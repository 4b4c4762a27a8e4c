// Strict JSON: what is not described is refused, and so is every text of a value but the one that the door itself would write.
//
// A parser takes a value and the path to it, and returns the typed value or throws FormatError with that path; it also writes the
// one text of a value. Objects refuse missing keys and unknown ones. White space, another order of keys, escaped letters, a key
// twice, base64 with stray bits or `1.0` for `1` make another text: two verifiers could read it in two ways.
//
// Source: docs/FORMAT.md, "Conventions".

import { type Bytes, equal, fromBase64, text as decodeUtf8, toBase64, utf8 } from "./bytes.ts";

/** The bytes are not what docs/FORMAT.md says; `message` names the place. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

export interface Parser<T> {
  (value: unknown, path: string): T;
  /** The one text of a value. */
  write(value: T): string;
}
export type Parsed<P> = P extends Parser<infer T> ? T : never;

type Fields = Readonly<Record<string, Parser<unknown>>>;
type Shape<F extends Fields> = { readonly [K in keyof F]: Parsed<F[K]> };
type Tagged<V extends Readonly<Record<string, Fields>>> = {
  [K in keyof V]: { readonly type: K } & Shape<V[K]>;
}[keyof V];

const parser = <T>(read: (value: unknown, path: string) => T, write: (value: T) => string): Parser<T> =>
  Object.assign(read, { write });

function refuse(path: string, wanted: string): never {
  throw new FormatError(`${path || "message"}: expected ${wanted}`);
}

export const boolean = parser<boolean>(
  (value, path) => (typeof value === "boolean" ? value : refuse(path, "true or false")),
  String,
);

/** A whole number from `from` to 2^53 - 1. */
export const count = (from = 0): Parser<number> =>
  parser(
    (value, path) =>
      Number.isSafeInteger(value) && (value as number) >= from
        ? (value as number)
        : refuse(path, `a whole number from ${from}`),
    String,
  );

const LONE_SURROGATE = /\p{Cs}/u;

/** Text that UTF-8 can carry: half of a pair of surrogates, escaped, is no letter for the door. */
export const string = (pattern?: RegExp): Parser<string> =>
  parser(
    (value, path) =>
      typeof value === "string" && !LONE_SURROGATE.test(value) && (pattern?.test(value) ?? true)
        ? value
        : refuse(path, pattern ? `text like ${pattern.source}` : "text"),
    JSON.stringify,
  );

/** Text that `holds` is true of. */
export const textThat = (wanted: string, holds: (text: string) => boolean): Parser<string> =>
  parser((value, path) => (typeof value === "string" && holds(value) ? value : refuse(path, wanted)), JSON.stringify);

/** Bytes in base64; `size` of them where it is given. */
export const blob = (size?: number): Parser<Bytes> =>
  parser(
    (value, path) => {
      if (typeof value !== "string") return refuse(path, "base64");
      let data: Bytes;
      try {
        data = fromBase64(value);
      } catch (error) {
        throw new FormatError(`${path}: expected base64`, { cause: error });
      }
      return size === undefined || data.length === size ? data : refuse(path, `${size} bytes`);
    },
    (value) => `"${toBase64(value)}"`,
  );

export const nullable = <T>(inner: Parser<T>): Parser<T | null> =>
  parser(
    (value, path) => (value === null ? null : inner(value, path)),
    (value) => (value === null ? "null" : inner.write(value)),
  );

export const oneOf = <const T extends string>(...words: readonly T[]): Parser<T> =>
  parser((value, path) => words.find((word) => word === value) ?? refuse(path, words.join(" or ")), JSON.stringify);

export const number = (least: number, most: number): Parser<number> =>
  parser(
    (value, path) =>
      typeof value === "number" && value >= least && value <= most
        ? value
        : refuse(path, `a number from ${least} to ${most}`),
    decimal,
  );

/** As the door writes it: the fewest digits that tell it from its neighbours, and always a point or an exponent. */
function decimal(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isInteger(value)) return `${value}.0`;
  return value < 1e-5 ? value.toExponential() : String(value);
}

export const pair = <A, B>(first: Parser<A>, second: Parser<B>): Parser<readonly [A, B]> =>
  parser(
    (value, path) =>
      Array.isArray(value) && value.length === 2
        ? [first(value[0], `${path}[0]`), second(value[1], `${path}[1]`)]
        : refuse(path, "two values"),
    ([a, b]) => `[${first.write(a)},${second.write(b)}]`,
  );

export const list = <T>(inner: Parser<T>): Parser<readonly T[]> =>
  parser(
    (value, path) =>
      Array.isArray(value) ? value.map((item, i) => inner(item, `${path}[${i}]`)) : refuse(path, "a list"),
    (items) => `[${items.map((item) => inner.write(item)).join(",")}]`,
  );

export const object = <F extends Fields>(fields: F): Parser<Shape<F>> =>
  parser(
    (value, path) => {
      const source = record(value, path);
      for (const key of Object.keys(source))
        if (!Object.hasOwn(fields, key)) throw new FormatError(`${path}.${key}: unknown key`);
      const entries = Object.entries(fields).map(([key, parse]) => {
        if (!Object.hasOwn(source, key)) throw new FormatError(`${path}.${key}: missing`);
        return [key, parse(source[key], `${path}.${key}`)] as const;
      });
      return Object.fromEntries(entries) as Shape<F>;
    },
    (value) => `{${written(fields, value).join(",")}}`,
  );

/** One of several objects, told apart by their `type`, which comes first. */
export const tagged = <V extends Readonly<Record<string, Fields>>>(variants: V): Parser<Tagged<V>> =>
  parser(
    (value, path) => {
      const { type, ...rest } = record(value, path);
      const fields = typeof type === "string" && Object.hasOwn(variants, type) ? variants[type] : undefined;
      if (!fields) return refuse(`${path}.type`, Object.keys(variants).join(" or "));
      return { type, ...object(fields)(rest, path) } as Tagged<V>;
    },
    (value) => {
      const { type } = value as { readonly type: string };
      return `{${[`"type":"${type}"`, ...written(variants[type] ?? {}, value)].join(",")}}`;
    },
  );

const written = (fields: Fields, value: unknown): readonly string[] =>
  Object.entries(fields).map(
    ([key, parser]) => `${JSON.stringify(key)}:${parser.write((value as Readonly<Record<string, unknown>>)[key])}`,
  );

/** A wall time in UTC, with no fraction or one of six digits; kept as text, which sorts and is exact. */
export const moment = textThat("a time like 2026-11-23T12:03:00Z", (text) => {
  const time = /^(?!0000)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?!000000)\d{6})?Z$/.exec(text)?.[1];
  if (time === undefined) return false;
  const at = Date.parse(`${time}Z`);
  // Written again, or 24:00 and 30 February would be taken for the day after.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(time);
});

/** A day that a calendar has. */
export const day = string(
  /^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)$/,
);

/** The value that bytes are the one text of. Throws FormatError. */
export function parse<T>(data: Uint8Array, parser: Parser<T>, path = ""): T {
  const value = parseAny(data, parser, path);
  if (!equal(utf8(parser.write(value)), data))
    throw new FormatError(`${path || "message"}: not written in the one form that counts`);
  return value;
}

/** The value that any JSON text in UTF-8 stands for: for what a person may have touched, and nobody signed. Throws FormatError. */
export function parseAny<T>(data: Uint8Array, parser: Parser<T>, path = ""): T {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(data));
  } catch (error) {
    throw new FormatError(`${path || "message"}: not JSON in UTF-8`, { cause: error });
  }
  return parser(value, path);
}

/** A value in its one text already: for forms with decimals, which JSON.stringify writes otherwise. */
export class Written {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static of<T>(value: T, form: Parser<T>): Written {
    return new Written(form.write(value));
  }
}

export type Encodable =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | Written
  | readonly Encodable[]
  | { readonly [key: string]: Encodable };

/** JSON without spaces; bytes become base64. */
export function encode(value: Encodable): Bytes {
  return utf8(textOf(value));
}

function textOf(value: Encodable): string {
  if (value instanceof Written) return value.text;
  if (value instanceof Uint8Array) return `"${toBase64(value)}"`;
  if (Array.isArray(value)) return `[${value.map((item: Encodable) => textOf(item)).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(path, "an object");
}
