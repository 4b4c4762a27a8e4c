// What a browser plays from memory with: a media source, or the managed one that is all an iPhone has.
//
// Source: Media Source Extensions, "ManagedMediaSource".

export interface Managed extends MediaSource {
  /** False while a managed source wants no more; undefined in a plain one. */
  readonly streaming?: boolean;
}
interface Source {
  new (): Managed;
  isTypeSupported(type: string): boolean;
}

/** The kind that this browser has; undefined in one without any. */
export const source = (): Source | undefined =>
  (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource ??
  (globalThis as { MediaSource?: Source }).MediaSource;

/** Whether it is the managed one, which WebKit alone has. */
export const isManaged = (): boolean => "ManagedMediaSource" in globalThis;
