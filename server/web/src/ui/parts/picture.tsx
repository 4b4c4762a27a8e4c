// A picture that the page itself opened, shown for as long as it is on the page.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Bytes } from "../../format/bytes.ts";
import { Icon } from "./icons.tsx";

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
      URL.revokeObjectURL(made);
    };
  }, [jpeg]);
  return url === null ? <Icon name="door" /> : <img src={url} alt={alt} />;
}
