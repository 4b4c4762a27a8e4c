// The service worker, which keeps the page's own files at hand. Chromium gives it only to a certificate that it trusts; Firefox and
// WebKit give it to one that was clicked through as well, so that a worker proves nothing of trust, and its absence only there.

const SCRIPT = "/worker.js";

/** Trusted Types, which TypeScript does not know yet. */
interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** Whether the page will open without the door; `untrusted` where the browser says that the certificate is why it will not. */
export type Offline = "kept" | "untrusted" | "none";

let registered: Promise<Offline> | null = null;

export function worksOffline(): Promise<Offline> {
  registered ??= register();
  return registered;
}

async function register(): Promise<Offline> {
  if (!("serviceWorker" in navigator)) return "none";
  try {
    const { trustedTypes } = window as unknown as { trustedTypes?: Policies };
    // The page's policy lets no plain string become a script's address; this one is the only one there is.
    const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => SCRIPT });
    await navigator.serviceWorker.register(policy?.createScriptURL(SCRIPT) ?? SCRIPT);
    return "kept";
  } catch (error) {
    // Private windows, full disks and settings refuse it too: only Chromium's own words tell of the certificate.
    return error instanceof DOMException && /SSL certificate/i.test(error.message) ? "untrusted" : "none";
  }
}
