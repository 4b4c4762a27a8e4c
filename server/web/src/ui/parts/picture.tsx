// A picture that the page itself opened, shown for as long as it is on the page.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Bytes } from "../../format/bytes.ts";
import { Icon } from "./icons.tsx";

/** So long a picture's address outlives it: a browser that has only begun to load it would find nothing there. */
const OUTLIVES_MS = 10_000;

/** `alt` is empty beside words that say what it shows. */
export function Picture({ jpeg, alt = "" }: { readonly jpeg: Bytes; readonly alt?: string }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (jpeg.length === 0) {
      setUrl(null);
      return undefined;
    }
    const made = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
    setUrl(made);
    return () => {
      setTimeout(() => {
        URL.revokeObjectURL(made);
      }, OUTLIVES_MS);
    };
  }, [jpeg]);
  return url === null ? <Icon name="door" /> : <img src={url} alt={alt} />;
}
